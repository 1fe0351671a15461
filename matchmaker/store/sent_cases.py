"""Which node was asked with which case: beside the ledger, those who hold something of a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, union

from matchmaker.model import CaseId, Disclosure, NodeName
from matchmaker.store import dialects
from matchmaker.store.exchange_tables import sent_cases
from matchmaker.store.tables import AnyRow, ledger

_AT_ONCE = 500  # parameters in one IN: below every database's limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """That a node was asked with a case, how often, at which level the last time."""

    node: NodeName
    case_id: CaseId
    first_at: dt.datetime
    last_at: dt.datetime
    times: int
    level: Disclosure


def record(db: Connection, case_id: CaseId, *, nodes: Sequence[NodeName], level: Disclosure, at: dt.datetime) -> None:
    """Write down, before anything leaves, that nodes are asked with a case."""
    if not nodes:
        return
    rows = [
        {"node": node, "case_id": case_id, "first_at": at, "last_at": at, "times": 1, "level": level}
        for node in sorted(nodes)
    ]
    statement = dialects.insert(db, sent_cases)
    again = {
        "last_at": statement.excluded.last_at,
        "level": statement.excluded.level,
        "times": sent_cases.c.times + 1,
    }
    key = [sent_cases.c.node, sent_cases.c.case_id]
    db.execute(statement.on_conflict_do_update(index_elements=key, set_=again), rows)


def of_case(db: Connection, case_id: CaseId) -> list[Sent]:
    """Return which nodes were asked with a case, by the first time."""
    query = select(sent_cases).where(sent_cases.c.case_id == case_id)
    return [_sent(row) for row in db.execute(query.order_by(sent_cases.c.first_at, sent_cases.c.node))]


def of_node(db: Connection, node: NodeName, *, limit: int) -> list[Sent]:
    """Return with which cases a node was asked, the last one first."""
    query = select(sent_cases).where(sent_cases.c.node == node)
    newest_first = query.order_by(sent_cases.c.last_at.desc(), sent_cases.c.case_id).limit(limit)
    return [_sent(row) for row in db.execute(newest_first)]


def n_of_node(db: Connection, node: NodeName) -> int:
    """Return with how many cases a node was asked."""
    return db.scalar(select(func.count()).select_from(sent_cases).where(sent_cases.c.node == node)) or 0


def recipients(db: Connection, case_ids: Collection[CaseId]) -> dict[CaseId, list[NodeName]]:
    """Return which nodes were asked with, or told of, each of these cases; cases of nobody are left out."""
    wanted, found = sorted(case_ids), dict[CaseId, list[NodeName]]()
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        told = select(ledger.c.case_id, ledger.c.node).where(ledger.c.case_id.in_(some))
        asked = select(sent_cases.c.case_id, sent_cases.c.node).where(sent_cases.c.case_id.in_(some))
        for case_id, node in db.execute(union(told, asked)):
            found.setdefault(CaseId(case_id), []).append(NodeName(node))
    return {case_id: sorted(nodes) for case_id, nodes in found.items()}


def _sent(row: AnyRow) -> Sent:
    return Sent(
        node=NodeName(row.node),
        case_id=CaseId(row.case_id),
        first_at=row.first_at,
        last_at=row.last_at,
        times=row.times,
        level=Disclosure(row.level),
    )
