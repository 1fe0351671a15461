"""The disclosure ledger: which node was told what of which case, each distinct answer one line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from matchmaker.model import CaseId, NodeName
from matchmaker.store import dialects
from matchmaker.store.tables import ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One answer that revealed a case; `fingerprint` is the SHA-256 of what was said of it."""

    case_id: CaseId
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one node was told of one case, how often, from when to when."""

    node: NodeName
    told: Told
    first_at: dt.datetime
    last_at: dt.datetime
    times: int


def record(db: Connection, node: NodeName, *, told: Sequence[Told], at: dt.datetime) -> None:
    """Write down what an answer tells; the same answer again is the same line."""
    if not told:
        return
    # One order for all writers, so that two answers about the same cases cannot wait for each other.
    rows = [
        {
            "node": node,
            "case_id": line.case_id,
            "fingerprint": line.fingerprint,
            "first_at": at,
            "last_at": at,
            "times": 1,
        }
        for line in sorted(set(told), key=lambda line: (line.case_id, line.fingerprint))
    ]
    statement = dialects.insert(db, ledger)
    again = {"last_at": statement.excluded.last_at, "times": ledger.c.times + 1}
    key = [ledger.c.node, ledger.c.case_id, ledger.c.fingerprint]
    db.execute(statement.on_conflict_do_update(index_elements=key, set_=again), rows)


def of_case(db: Connection, case_id: CaseId) -> list[Line]:
    """Return who was told of a case, oldest first: for the data subject, and for whoever must hear of a withdrawal."""
    query = select(ledger).where(ledger.c.case_id == case_id).order_by(ledger.c.first_at, ledger.c.node)
    return [
        Line(
            node=NodeName(row.node),
            told=Told(case_id=case_id, fingerprint=row.fingerprint),
            first_at=row.first_at,
            last_at=row.last_at,
            times=row.times,
        )
        for row in db.execute(query)
    ]


def n_revealed(db: Connection, node: NodeName, *, since: dt.datetime) -> int:
    """Count the distinct cases that a node was told of for the first time since then."""
    first = (
        select(ledger.c.case_id)
        .where(ledger.c.node == node)
        .group_by(ledger.c.case_id)
        .having(func.min(ledger.c.first_at) >= since)
        .subquery()
    )
    found: int | None = db.scalar(select(func.count()).select_from(first))
    return found or 0
