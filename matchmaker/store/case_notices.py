"""Notices to other nodes: that a case of ours was withdrawn, erased or corrected, and that a pair was confirmed.

A row stays for ever, with the reply: it shows that every recipient was told (GDPR art. 19). It holds no content.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from matchmaker.errors import NotFound
from matchmaker.model import CaseId, NodeName
from matchmaker.store import leasing
from matchmaker.store.exchange_tables import case_notices
from matchmaker.store.tables import AnyRow
from matchmaker.store.work import delay_after

MAX_REPLY = 500  # characters


class Kind(StrEnum):
    """What became of a case, or of a pair of cases; the words on the wire."""

    WITHDRAWAL = "withdrawal"
    ERASURE = "erasure"
    CORRECTION = "correction"
    CONFIRMATION = "confirmation"  # our side confirmed the match of two cases
    RECONSIDERATION = "reconsideration"  # and took that back


ABOUT_PAIRS = frozenset({Kind.CONFIRMATION, Kind.RECONSIDERATION})


class State(StrEnum):
    WAITING = "waiting"
    MAILED = "mailed"  # to the node's operator, who has not answered yet
    ACKNOWLEDGED = "acknowledged"
    NOT_TAKEN = "not-taken"  # a notice about a pair, which that node takes not, or not any more


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNotice:
    """One notice to one node with its life; `lease` is empty unless a worker holds it."""

    id: str
    node: NodeName
    case_id: CaseId
    other_id: str | None = None  # of the node's case, where the notice is about a pair
    kind: Kind
    state: State
    created_at: dt.datetime
    due_at: dt.datetime
    attempts: int
    told_at: dt.datetime | None
    reply: str | None
    replied_at: dt.datetime | None
    last_error: str | None
    lease: str = ""


def add(
    db: Connection, kind: Kind, case_id: CaseId, *, nodes: Sequence[NodeName], due_at: dt.datetime, at: dt.datetime
) -> None:
    """Let nodes hear of a case; what they were still to hear of it before is overtaken."""
    if not nodes:
        return
    overtaken = (case_notices.c.case_id == case_id) & case_notices.c.node.in_(list(nodes))
    if kind is Kind.CORRECTION:  # which leaves it to people what they make of a pair
        overtaken &= case_notices.c.other_id.is_(None)
    db.execute(delete(case_notices).where(overtaken, case_notices.c.state == State.WAITING))
    db.execute(insert(case_notices), [_row(kind, case_id, node, due_at=due_at, at=at) for node in nodes])


def add_about_pair(
    db: Connection, kind: Kind, case_id: CaseId, *, node: NodeName, other_id: str, at: dt.datetime
) -> None:
    """Let a node hear what our side makes of a pair; what it was still to hear of that before is overtaken."""
    pair = _about(case_id, node, other_id)
    db.execute(delete(case_notices).where(pair, case_notices.c.state == State.WAITING))
    db.execute(insert(case_notices), [_row(kind, case_id, node, due_at=at, at=at, other_id=other_id)])


def latest_about_pair(db: Connection, case_id: CaseId, *, node: NodeName, other_id: str) -> CaseNotice | None:
    """Return what a node was last told, or is still to be told, of a pair."""
    query = select(case_notices).where(_about(case_id, node, other_id)).order_by(case_notices.c.created_at.desc())
    row = db.execute(query.limit(1)).first()
    return None if row is None else _notice(row)


def claim(db: Connection, *, at: dt.datetime, limit: int = 1) -> list[CaseNotice]:
    """Take what is due and free, the oldest first."""
    rows = leasing.take(db, case_notices, at=at, limit=limit, where=case_notices.c.state == State.WAITING)
    return [_notice(row) for row in rows]


def settle(db: Connection, claimed: CaseNotice, *, state: State, reply: str | None = None, at: dt.datetime) -> bool:
    """Remember that the node or its operator was told; False when it was overtaken meanwhile."""
    done = {"state": state, "told_at": at, "lease": None, "lease_until": None, "last_error": None}
    if reply is not None:
        done |= {"reply": reply[:MAX_REPLY], "replied_at": at}
    return db.execute(update(case_notices).where(_held(claimed)).values(**done)).rowcount == 1


def fail(db: Connection, claimed: CaseNotice, *, error: str, at: dt.datetime) -> None:
    """Free a notice for later."""
    due_at = at + delay_after(claimed.attempts)
    later = {"due_at": due_at, "lease": None, "lease_until": None, "last_error": error[:200]}
    db.execute(update(case_notices).where(_held(claimed)).values(**later))


def hasten(db: Connection, node: NodeName, *, at: dt.datetime) -> None:
    """Make due what failed before: the node, or its operator's address, is there."""
    waiting = (case_notices.c.node == node) & case_notices.c.last_error.is_not(None) & (case_notices.c.due_at > at)
    db.execute(update(case_notices).where(waiting, case_notices.c.state == State.WAITING).values(due_at=at))


def record_reply(db: Connection, notice_id: str, reply: str, *, at: dt.datetime) -> None:
    """Keep what an operator answered; NotFound when there is no such notice."""
    answered = {"state": State.ACKNOWLEDGED, "reply": reply[:MAX_REPLY], "replied_at": at}
    told = {"told_at": func.coalesce(case_notices.c.told_at, at), "lease": None, "lease_until": None}
    if db.execute(update(case_notices).filter_by(id=notice_id).values(**answered, **told)).rowcount == 0:
        raise NotFound("notice", notice_id)


def list_(db: Connection, *, case_id: CaseId | None = None, limit: int = 200) -> list[CaseNotice]:
    """Return the latest notices, or those about one case, newest first."""
    query = select(case_notices).order_by(case_notices.c.created_at.desc(), case_notices.c.node).limit(limit)
    return [_notice(row) for row in db.execute(query if case_id is None else query.filter_by(case_id=case_id))]


def _row(
    kind: Kind, case_id: CaseId, node: NodeName, *, due_at: dt.datetime, at: dt.datetime, other_id: str | None = None
) -> dict[str, Any]:
    return {
        "id": secrets.token_hex(16),
        "node": node,
        "case_id": case_id,
        "other_id": other_id,
        "kind": kind,
        "state": State.WAITING,
        "created_at": at,
        "due_at": due_at,
        "attempts": 0,
    }


def _about(case_id: CaseId, node: NodeName, other_id: str) -> ColumnElement[bool]:
    of_case = (case_notices.c.case_id == case_id) & (case_notices.c.node == node)
    return of_case & (case_notices.c.other_id == other_id)


def _held(claimed: CaseNotice) -> ColumnElement[bool]:
    return (case_notices.c.id == claimed.id) & (case_notices.c.lease == claimed.lease)


def _notice(row: AnyRow) -> CaseNotice:
    return CaseNotice(
        id=row.id,
        node=NodeName(row.node),
        case_id=CaseId(row.case_id),
        other_id=row.other_id,
        kind=Kind(row.kind),
        state=State(row.state),
        created_at=row.created_at,
        due_at=row.due_at,
        attempts=row.attempts,
        told_at=row.told_at,
        reply=row.reply,
        replied_at=row.replied_at,
        last_error=row.last_error,
        lease=row.lease or "",
    )
