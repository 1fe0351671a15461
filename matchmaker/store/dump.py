"""All rows of all tables in one spelling, the same for both databases: what a backup holds and a restore reads."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Date, LargeBinary, Table, delete, insert, select

from matchmaker.store.engine import stream
from matchmaker.store.schema import METADATA
from matchmaker.store.tables import Moment

# What lets somebody in for an hour, or is counted anew in minutes, has no place in a file that is kept for years.
TRANSIENT = frozenset({"dry_runs", "sessions", "links", "attempts", "password_requests", "jobs", "nonces"})
# What says something without the keys. In all others names are sealed, or rows are found by pseudonyms of names.
READABLE = frozenset(
    {
        "audit",
        "audit_head",
        "budgets",
        "case_notices",
        "centres",
        "clock",
        "exchanges",
        "genes_matched",
        "ledger",
        "marks",
        "metrics",
        "nodes",
        "received_notices",
        "revealed",
        "sent_cases",
        "term_choices",
        "tokens",
        "tombstones",
    }
)
_AT_ONCE = 500


def names() -> list[str]:
    """Return the tables that are kept, in an order in which rows find what they refer to."""
    return [table.name for table in METADATA.sorted_tables if table.name not in TRANSIENT]


def lines(db: Connection, name: str) -> Iterator[bytes]:
    """Yield the rows of a table as JSON, in the order of its primary key."""
    table = METADATA.tables[name]
    writers = [(column.name, _writer(column)) for column in table.columns]
    for row in stream(db, select(table).order_by(*table.primary_key.columns)):
        spelled = {
            name: None if value is None else write(value) for (name, write), value in zip(writers, row, strict=True)
        }
        yield json.dumps(spelled, separators=(",", ":")).encode()


def clear(db: Connection, *, but: Collection[str] = ()) -> None:
    """Remove all rows of all tables, transient ones too, except those of some."""
    for table in reversed(METADATA.sorted_tables):
        if table.name not in but:
            db.execute(delete(table))


def fill(db: Connection, name: str, rows: Iterable[bytes], *, sealed: bool = True) -> int:
    """Write rows that `lines` spelled, if need be without what is `sealed` in them; return how many."""
    table = METADATA.tables[name]
    binary = [column.name for column in table.columns if isinstance(column.type, LargeBinary)]
    emptied = {} if sealed else dict.fromkeys(binary)
    left = (_read(table, row) | emptied for row in rows)
    n_rows = 0
    while some := list(islice(left, _AT_ONCE)):
        db.execute(insert(table), some)
        n_rows += len(some)
    return n_rows


def _read(table: Table, line: bytes) -> dict[str, Any]:
    spelled = json.loads(line)
    return {
        column.name: None if spelled[column.name] is None else _reader(column)(spelled[column.name])
        for column in table.columns
    }


def _writer(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, LargeBinary):
        return lambda value: base64.b64encode(value).decode()
    if isinstance(column.type, Moment):
        return lambda value: value.isoformat(timespec="microseconds")
    if isinstance(column.type, Date):
        return dt.date.isoformat
    return lambda value: value


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, LargeBinary):
        return base64.b64decode
    if isinstance(column.type, Moment):
        return dt.datetime.fromisoformat
    if isinstance(column.type, Date):
        return dt.date.fromisoformat
    return lambda value: value
