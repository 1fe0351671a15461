"""Work is rows: written in the transaction that makes it necessary, claimed with a lease, gone when done.

A worker that dies loses its lease with time and the row is free again, so tasks may run twice and must not mind.
"""

from __future__ import annotations

import datetime as dt
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select, update

from matchmaker.model import CaseId, NodeName
from matchmaker.store import dialects
from matchmaker.store.tables import AnyRow, work

OURSELVES = NodeName("")  # no other node is concerned
LEASE = dt.timedelta(minutes=5)
_FIRST_DELAY = dt.timedelta(seconds=30)
_LONGEST_DELAY = dt.timedelta(hours=24)


class Kind(StrEnum):
    MATCH = "match"
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that must happen to a case as of a version of it."""

    kind: Kind
    case_id: CaseId
    version: int
    node: NodeName = OURSELVES


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A task that this worker holds until the lease ends."""

    id: str
    lease: str
    task: Task
    attempts: int
    lease_until: dt.datetime


class Held(Protocol):
    """A row of any table that a worker holds."""

    @property
    def id(self) -> str: ...

    @property
    def lease(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A task as somebody sees it who waits for it; `last_error` None: it did not fail since it was last done."""

    due_at: dt.datetime
    attempts: int
    last_error: str | None


def add(db: Connection, tasks: Sequence[Task], *, at: dt.datetime) -> None:
    """Make tasks due; the same one for a newer version replaces the older, also while somebody works on that."""
    if not tasks:
        return
    rows = [
        {
            "id": secrets.token_hex(16),
            "kind": task.kind,
            "case_id": task.case_id,
            "node": task.node,
            "version": task.version,
            "due_at": at,
            "attempts": 0,
        }
        for task in tasks
    ]
    statement = dialects.insert(db, work)
    anew = {"lease": None, "lease_until": None, "last_error": None}
    given = {name: statement.excluded[name] for name in ("version", "due_at", "attempts")}
    key = [work.c.kind, work.c.case_id, work.c.node]
    db.execute(statement.on_conflict_do_update(index_elements=key, set_={**given, **anew}), rows)


def claim(db: Connection, kinds: Sequence[Kind], *, at: dt.datetime, limit: int = 1) -> list[Claim]:
    """Take what is due and free, longest due first; several workers at once never take the same."""
    due = (
        select(work.c.id)
        .where(_free(kinds, at=at))
        .order_by(work.c.due_at, work.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taken = (
        update(work)
        .where(work.c.id.in_(select(due.c.id)))
        .values(lease=secrets.token_hex(16), lease_until=at + LEASE, attempts=work.c.attempts + 1)
        .returning(work)
    )
    rows = sorted(db.execute(taken), key=lambda row: (row.due_at, row.id))
    return [_claim(row) for row in rows]


def complete(db: Connection, claimed: Claim) -> bool:
    """Take a done task away; False when it is not this worker's any more, and what it did must not be kept."""
    return db.execute(delete(work).where(_held(claimed))).rowcount == 1


def give_back(db: Connection, claims: Sequence[Held], *, table: Table = work) -> None:
    """Free what was claimed and not begun: nobody waits for the lease of a worker that ends."""
    mine = table.c.id.in_([one.id for one in claims]) & table.c.lease.in_({one.lease for one in claims})
    db.execute(update(table).where(mine).values(lease=None, lease_until=None, attempts=table.c.attempts - 1))


def fail(db: Connection, claimed: Claim, *, error: str, at: dt.datetime) -> bool:
    """Free a task for later: twice as late as after the last failure, with jitter, at most a day."""
    due_at = at + delay_after(claimed.attempts)
    later = (
        update(work).where(_held(claimed)).values(due_at=due_at, lease=None, lease_until=None, last_error=error[:200])
    )
    return db.execute(later).rowcount == 1


def again(db: Connection, claimed: Claim, *, due_at: dt.datetime) -> bool:
    """Put off a done task that must be done again some day; False as in `complete`."""
    anew = {"due_at": due_at, "attempts": 0, "lease": None, "lease_until": None, "last_error": None}
    return db.execute(update(work).where(_held(claimed)).values(**anew)).rowcount == 1


def delay_after(attempts: int) -> dt.timedelta:
    """How long to wait after so many failures: twice as long each time, with jitter, at most a day."""
    delay: dt.timedelta = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** min(attempts - 1, 20))
    return delay * random.uniform(0.5, 1.0)


def cancel(db: Connection, case_id: CaseId) -> int:
    """Drop all that was to be done with a case, also what is being done; return how many tasks."""
    return db.execute(delete(work).where(work.c.case_id == case_id)).rowcount


def hasten(db: Connection, node: NodeName, *, at: dt.datetime) -> int:
    """Make due what waits because a node failed; return how many tasks."""
    waiting = (work.c.node == node) & work.c.last_error.is_not(None) & work.c.lease.is_(None) & (work.c.due_at > at)
    return db.execute(update(work).where(waiting).values(due_at=at)).rowcount


def ask_now(db: Connection, case_id: CaseId, node: NodeName, *, at: dt.datetime) -> bool:
    """Let a case ask a node at once, also when it is asking; False when it does not ask this node at all."""
    asks = (work.c.kind == Kind.ASK) & (work.c.case_id == case_id) & (work.c.node == node)
    anew = {"due_at": at, "attempts": 0, "lease": None, "lease_until": None}
    return db.execute(update(work).where(asks).values(**anew)).rowcount == 1


def next_due(db: Connection, kinds: Sequence[Kind]) -> dt.datetime | None:
    """Return when the next task can be claimed; None when there is none."""
    moment = func.min(func.coalesce(work.c.lease_until, work.c.due_at))
    found: dt.datetime | None = db.scalar(select(moment).where(work.c.kind.in_(kinds)))
    return found


def of_case(db: Connection, case_id: CaseId, kind: Kind) -> dict[NodeName, Waiting]:
    """Return what is still to be done with a case, by the node that it concerns."""
    query = select(work).where((work.c.case_id == case_id) & (work.c.kind == kind))
    return {
        NodeName(row.node): Waiting(due_at=row.due_at, attempts=row.attempts, last_error=row.last_error)
        for row in db.execute(query)
    }


def count(db: Connection) -> dict[str, int]:
    """Return how many tasks of each kind are open."""
    query = select(work.c.kind, func.count().label("n")).group_by(work.c.kind)
    return {row.kind: row.n for row in db.execute(query)}


def _free(kinds: Sequence[Kind], *, at: dt.datetime) -> ColumnElement[bool]:
    unleased = or_(work.c.lease_until.is_(None), work.c.lease_until <= at)
    return work.c.kind.in_(kinds) & (work.c.due_at <= at) & unleased


def _held(claimed: Claim) -> ColumnElement[bool]:
    return (work.c.id == claimed.id) & (work.c.lease == claimed.lease)


def _claim(row: AnyRow) -> Claim:
    task = Task(kind=Kind(row.kind), case_id=CaseId(row.case_id), version=row.version, node=NodeName(row.node))
    return Claim(id=row.id, lease=row.lease, task=task, attempts=row.attempts, lease_until=row.lease_until)
