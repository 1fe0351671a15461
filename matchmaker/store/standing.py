"""Which cases have work that should be there and is not: a node was added, or the release is another one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import Connection, Select, delete, exists, select

from matchmaker.model import CaseId, NodeName, Sharing, Status
from matchmaker.store import work
from matchmaker.store.tables import AnyRow, cases
from matchmaker.store.tables import work as work_table
from matchmaker.store.work import Kind, Task


def ask_where_missing(
    db: Connection, node: NodeName, *, levels: Collection[Sharing], at: dt.datetime, limit: int
) -> int:
    """Let cases of these sharing levels ask a node that they do not ask yet; return how many, at most `limit`."""
    asks = (work_table.c.kind == Kind.ASK) & (work_table.c.case_id == cases.c.id) & (work_table.c.node == node)
    shared = cases.c.sharing.in_(sorted(levels)) & (cases.c.status != Status.WITHDRAWN) & cases.c.test.is_(False)
    found = db.execute(_cases().where(shared, ~exists().where(asks)).limit(limit)).all()
    work.add(db, [_task(row, Kind.ASK, node) for row in found], at=at)
    return len(found)


def match_everything(db: Connection, *, at: dt.datetime) -> int:
    """Let every case be matched again with the others of this node; return how many."""
    found = db.execute(_cases().where(cases.c.status != Status.WITHDRAWN)).all()
    work.add(db, [_task(row, Kind.MATCH, work.OURSELVES) for row in found], at=at)
    return len(found)


def forget_node(db: Connection, node: NodeName) -> int:
    """Drop what was to be asked of a node that is not registered any more."""
    return db.execute(delete(work_table).where(work_table.c.kind == Kind.ASK, work_table.c.node == node)).rowcount


def nodes_asked(db: Connection) -> set[NodeName]:
    """Return the nodes that some case is to ask."""
    return {NodeName(name) for name in db.scalars(select(work_table.c.node).filter_by(kind=Kind.ASK).distinct())}


def _cases() -> Select[str, int]:
    return select(cases.c.id, cases.c.version).order_by(cases.c.id)


def _task(row: AnyRow, kind: Kind, node: NodeName) -> Task:
    return Task(kind=kind, case_id=CaseId(row.id), version=row.version, node=node)
