"""Whether anything in the database still names a case, wherever a column can hold its id."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, String, Text, cast, func, select

from matchmaker.model import CaseId
from matchmaker.store.schema import METADATA
from matchmaker.store.tables import case_keys, tombstones

# What may name an erased case by its random id: that it was erased, who must hear of it, and for a day the answer to
# the request that brought it (docs/operators.md, Erasing a case).
PERMITTED = frozenset({"tombstones", "ledger", "revealed", "sent_cases", "case_notices", "idempotency"})


def erased_at(db: Connection, case_id: CaseId) -> dt.datetime | None:
    """Return when a case was erased; None when it was not."""
    found: dt.datetime | None = db.scalar(select(tombstones.c.erased_at).where(tombstones.c.case_id == case_id))
    return found


def has_key(db: Connection, case_id: CaseId) -> bool:
    """Say whether there is what the key of a case is made of; without it nothing sealed of the case can be opened."""
    return db.scalar(select(case_keys.c.case_id).where(case_keys.c.case_id == case_id)) is not None


def of_case(db: Connection, case_id: CaseId) -> list[tuple[str, int]]:
    """Return the tables, but for the permitted ones, in which a text holds the id of a case, and in how many rows."""
    found = []
    for table in METADATA.sorted_tables:
        if table.name in PERMITTED:
            continue
        for column in table.columns:
            if isinstance(column.type, String | Text):
                query = select(func.count()).select_from(table).where(cast(column, Text).contains(case_id))
                if n_rows := db.scalar(query):
                    found.append((f"{table.name}.{column.name}", n_rows))
    return found
