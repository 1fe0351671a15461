"""Alarms are rows: for the operator and, where a case is probed, for its owner; mails and pages read them.

One kind of trouble from one node, about one case or none, is one row a day, however often it happens.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, or_, select, update

from matchmaker.errors import NotFound
from matchmaker.model import CaseId, NodeName
from matchmaker.store import dialects
from matchmaker.store.tables import AnyRow, alarms


class Kind(StrEnum):
    REQUESTS = "requests"  # a node asked more often than it may
    CASES = "cases"  # a node would have learned of more cases than it may
    PROBED = "probed"  # one case was asked for in many different words


class Listener(StrEnum):
    OPERATOR = "operator"
    OWNER = "owner"  # of the case


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What happened on one day, how often."""

    id: str
    kind: Kind
    node: NodeName
    case_id: CaseId | None
    day: dt.date
    first_at: dt.datetime
    last_at: dt.datetime
    times: int
    acknowledged_at: dt.datetime | None = None

    @property
    def open(self) -> bool:
        """Has it gone on since an operator saw it?"""
        return self.acknowledged_at is None or self.acknowledged_at < self.last_at


def raise_(db: Connection, kind: Kind, *, node: NodeName, at: dt.datetime, case_ids: Collection[CaseId] = ()) -> None:
    """Write an alarm, one for each case or one without; the same of the same day is counted in the same row."""
    day = at.astimezone(dt.UTC).date()
    about: list[CaseId | None] = [*sorted(set(case_ids))] or [None]
    rows = [
        {
            "id": _id(kind, node, case_id, day),
            "kind": kind,
            "node": node,
            "case_id": case_id,
            "day": day,
            "first_at": at,
            "last_at": at,
            "times": 1,
        }
        for case_id in about
    ]
    statement = dialects.insert(db, alarms)
    again = {"last_at": statement.excluded.last_at, "times": alarms.c.times + 1}
    db.execute(statement.on_conflict_do_update(index_elements=[alarms.c.id], set_=again), rows)


def untold(db: Connection, listener: Listener, *, limit: int = 100) -> list[Alarm]:
    """Return what a listener has not been told of, oldest first; owners hear only of their cases."""
    told = alarms.c.operator_told_at if listener is Listener.OPERATOR else alarms.c.owner_told_at
    query = select(alarms).where(told.is_(None)).order_by(alarms.c.first_at, alarms.c.id).limit(limit)
    if listener is Listener.OWNER:
        query = query.where(alarms.c.case_id.is_not(None))
    return [_alarm(row) for row in db.execute(query)]


def was_told(db: Connection, kind: Kind, *, node: str, day: dt.date) -> bool:
    """Say whether the operator has heard of this kind of trouble from a node on that day."""
    same = (alarms.c.kind == kind) & (alarms.c.node == node) & (alarms.c.day == day)
    query = select(alarms.c.id).where(same, alarms.c.operator_told_at.is_not(None)).limit(1)
    return db.scalar(query) is not None


def told_cases(db: Connection, kind: Kind, *, node: str, day: dt.date) -> list[CaseId]:
    """Return the cases whose owners have heard of this kind of trouble from a node on that day."""
    same = (alarms.c.kind == kind) & (alarms.c.node == node) & (alarms.c.day == day)
    told = alarms.c.case_id.is_not(None) & alarms.c.owner_told_at.is_not(None)
    return [CaseId(id_) for id_ in db.scalars(select(alarms.c.case_id).where(same, told))]


def mark_told(db: Connection, listener: Listener, ids: Collection[str], *, at: dt.datetime) -> None:
    """Note that a listener was told; what happens again on the same day is not told again."""
    changed = {"operator_told_at" if listener is Listener.OPERATOR else "owner_told_at": at}
    db.execute(update(alarms).where(alarms.c.id.in_(list(ids))).values(changed))


def list_(db: Connection, *, limit: int = 100, node: NodeName | None = None, only_open: bool = False) -> list[Alarm]:
    """Return the latest alarms, newest first; of one node, or those alone that no operator has seen."""
    query = select(alarms).order_by(alarms.c.last_at.desc(), alarms.c.id).limit(limit)
    if node is not None:
        query = query.where(alarms.c.node == node)
    if only_open:
        query = query.where(or_(alarms.c.acknowledged_at.is_(None), alarms.c.acknowledged_at < alarms.c.last_at))
    return [_alarm(row) for row in db.execute(query)]


def acknowledge(db: Connection, alarm_id: str, *, at: dt.datetime) -> NodeName:
    """Note that an operator has seen an alarm, and return its node; NotFound when there is none."""
    changed = update(alarms).where(alarms.c.id == alarm_id).values(acknowledged_at=at).returning(alarms.c.node)
    node = db.scalar(changed)
    if node is None:
        raise NotFound("alarm", alarm_id)
    return NodeName(node)


def _id(kind: Kind, node: NodeName, case_id: CaseId | None, day: dt.date) -> str:
    return hashlib.sha256("\0".join((kind, node, case_id or "", day.isoformat())).encode()).hexdigest()[:32]


def _alarm(row: AnyRow) -> Alarm:
    return Alarm(
        id=row.id,
        kind=Kind(row.kind),
        node=NodeName(row.node),
        case_id=None if row.case_id is None else CaseId(row.case_id),
        day=row.day,
        first_at=row.first_at,
        last_at=row.last_at,
        times=row.times,
        acknowledged_at=row.acknowledged_at,
    )
