"""Requests of other nodes that found something here, kept until the worker has recorded the matches.

A row lives for moments: what stays of a request is the matches, with what the node told.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from matchmaker.model import CaseId, NodeName
from matchmaker.store import leasing, work
from matchmaker.store.alert_tables import heard
from matchmaker.store.engine import keys_of
from matchmaker.store.tables import AnyRow
from matchmaker.store.work import delay_after

_KEPT = insert(heard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One request, held by this worker until its lease ends."""

    id: str
    lease: str
    attempts: int
    node: NodeName
    at: dt.datetime
    asked: str  # the patient, as JSON
    told: tuple[CaseId, ...]


def keep(db: Connection, node: NodeName, *, asked: str, told: Sequence[CaseId], at: dt.datetime) -> None:
    """Keep a request in the transaction of its answer."""
    row_id = secrets.token_hex(16)
    sealed = keys_of(db).seal(asked.encode(), context=_context(row_id))
    row = {"id": row_id, "node": node, "at": at, "asked": sealed, "told": json.dumps(list(told))}
    db.execute(_KEPT, {**row, "due_at": at, "attempts": 0})


def claim(db: Connection, *, at: dt.datetime, limit: int = 1) -> list[Heard]:
    """Take what is due and free, the oldest first."""
    return [_heard(db, row) for row in leasing.take(db, heard, at=at, limit=limit)]


def complete(db: Connection, claimed: Heard) -> bool:
    """Forget a request whose matches are recorded; False when it is another worker's by now."""
    return db.execute(delete(heard).where(_held(claimed))).rowcount == 1


def give_back(db: Connection, claims: Sequence[Heard]) -> None:
    """Free what was claimed and not begun."""
    work.give_back(db, claims, table=heard)


def fail(db: Connection, claimed: Heard, *, error: str, at: dt.datetime) -> bool:
    """Free a request for later."""
    due_at = at + delay_after(claimed.attempts)
    values = {"due_at": due_at, "lease": None, "lease_until": None, "last_error": error[:200]}
    return db.execute(update(heard).where(_held(claimed)).values(**values)).rowcount == 1


def forget(db: Connection, node: NodeName, case: str) -> int:
    """Drop what a node asked with one of its cases, before anything is made of it; return how many requests."""
    kept = db.execute(select(heard).where(heard.c.node == node)).all()
    asked = [row.id for row in kept if json.loads(_heard(db, row).asked).get("id") == case]
    for row_id in asked:
        db.execute(delete(heard).where(heard.c.id == row_id))
    return len(asked)


def _held(claimed: Heard) -> ColumnElement[bool]:
    return (heard.c.id == claimed.id) & (heard.c.lease == claimed.lease)


def _heard(db: Connection, row: AnyRow) -> Heard:
    return Heard(
        id=row.id,
        lease=row.lease,
        attempts=row.attempts,
        node=NodeName(row.node),
        at=row.at,
        asked=keys_of(db).open(row.asked, context=_context(row.id)).decode(),
        told=tuple(CaseId(id_) for id_ in json.loads(row.told)),
    )


def _context(row_id: str) -> str:
    return f"heard {row_id}"
