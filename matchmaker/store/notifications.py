"""Who is to be told of which pair of cases, by page and by mail: one row per person and pair, for ever.

A mail is not a row: it is made, when it is due, from the rows of one person that wait. A worker claims them with a
lease; if it dies after sending and before it says so, they are sent once more when the lease ends, and never lost.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, or_, select, update
from sqlalchemy.sql.dml import ReturningInsert

from matchmaker.store import dialects
from matchmaker.store.alert_tables import alert_choices, notifications
from matchmaker.store.engine import keys_of
from matchmaker.store.tables import AnyRow
from matchmaker.store.work import LEASE, delay_after

AT_ONCE = 500  # notifications in one mail


class Choice(StrEnum):
    """Which mails a person wants; the page tells of every pair whatever was chosen."""

    DAILY = "daily"  # a digest, and what is strong or acute at once
    AT_ONCE = "at-once"
    OFF = "off"


class State(StrEnum):
    WAITING = "waiting"
    MAILED = "mailed"
    SILENT = "silent"  # the person wanted no mail


class Kind(StrEnum):
    """Of what a person is told."""

    FOUND = "found"  # two cases are alike
    CONFIRMED = "confirmed"  # the other side confirmed a match
    RECONSIDERED = "reconsidered"  # and took that back


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person chose, and when the last mail went to it."""

    choice: Choice = Choice.DAILY
    mailed_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """That a person is to hear of a pair of cases."""

    person: str
    pair: str
    match_id: str
    strong: bool
    kind: Kind = Kind.FOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A notice that is new, if nobody settled it before, and when its mail is due."""

    notice: Notice
    state: State
    due_at: dt.datetime
    id: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """A notice with its life."""

    id: str
    notice: Notice
    state: State
    created_at: dt.datetime
    seen_at: dt.datetime | None
    mailed_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """All that waits for one person, held by this worker until the lease ends."""

    person: str
    lease: str
    attempts: int
    notified: tuple[Notified, ...]


def person_of(db: Connection, owner: str) -> str:
    """Return the pseudonym of an owner, the same as in `cases.owner_key`."""
    return keys_of(db).pseudonym("owner", owner)


def pair_of(db: Connection, one: Sequence[str], other: Sequence[str]) -> str:
    """Return the pseudonym of two cases, the same whichever comes first."""
    first, second = sorted([list(one), list(other)])
    return keys_of(db).pseudonym("pair", *first, "and", *second)


def add_all(db: Connection, due: Sequence[Due], *, at: dt.datetime) -> set[Notice]:
    """Let people hear of pairs; return those that were not settled before. Of two about one pair the first counts."""
    rows = {one.id: one for one in due}
    stated = [_stated(one, at=at) for one in sorted(due, key=lambda one: (one.notice.person, one.notice.pair))]
    return {rows[id_].notice for id_ in db.scalars(_added(db), stated)} if stated else set()


def renew(db: Connection, due: Due, *, at: dt.datetime) -> None:
    """Let a person hear of a pair although there was news of it before, seen or not: this replaces it."""
    statement = dialects.insert(db, notifications).values(**_stated(due, at=at))
    anew: dict[str, Any] = {
        name: statement.excluded[name] for name in ("kind", "match_id", "strong", "state", "created_at", "due_at")
    }
    anew |= {"seen_at": None, "mailed_at": None, "lease": None, "lease_until": None, "last_error": None}
    pair = [notifications.c.person, notifications.c.pair]
    db.execute(statement.on_conflict_do_update(index_elements=pair, set_={**anew, "attempts": 0}))


def claim(db: Connection, *, at: dt.datetime) -> Batch | None:
    """Take what waits for the person who has waited longest; all of it, since a mail is being written anyway."""
    due = _free(at=at) & (notifications.c.due_at <= at)
    order = (notifications.c.due_at, notifications.c.id)
    query = select(notifications.c.person).where(due).order_by(*order).limit(1).with_for_update(skip_locked=True)
    person = db.scalar(query)
    if person is None:
        return None
    waiting = select(notifications.c.id).where(_free(at=at), notifications.c.person == person)
    chosen = waiting.order_by(*order).limit(AT_ONCE).with_for_update(skip_locked=True).cte("waiting")
    lease = secrets.token_hex(16)
    taken = (
        update(notifications)
        .where(notifications.c.id.in_(select(chosen.c.id)))
        .values(lease=lease, lease_until=at + LEASE, attempts=notifications.c.attempts + 1)
        .returning(notifications)
    )
    rows = db.execute(taken).all()
    notified = sorted((_notified(row) for row in rows), key=lambda one: (one.created_at, one.id))
    return Batch(person=person, lease=lease, attempts=max(row.attempts for row in rows), notified=tuple(notified))


def settle(db: Connection, batch: Batch, *, at: dt.datetime) -> int:
    """Remember that the mail went out; return how many notices were still this worker's."""
    mailed = {"state": State.MAILED, "mailed_at": at, "lease": None, "lease_until": None, "last_error": None}
    done = db.execute(update(notifications).where(_held(batch)).values(**mailed)).rowcount
    row = dialects.insert(db, alert_choices).values(person=batch.person, choice=Choice.DAILY, mailed_at=at)
    db.execute(row.on_conflict_do_update(index_elements=[alert_choices.c.person], set_={"mailed_at": at}))
    return done


def fail(db: Connection, batch: Batch, *, error: str, at: dt.datetime) -> None:
    """Free what could not be sent, for later."""
    due_at = at + delay_after(batch.attempts)
    later = {"due_at": due_at, "lease": None, "lease_until": None, "last_error": error[:200]}
    db.execute(update(notifications).where(_held(batch)).values(**later))


def silence(db: Connection, batch: Batch) -> None:
    """Leave to the page what has nowhere to be mailed to."""
    silent = {"state": State.SILENT, "lease": None, "lease_until": None}
    db.execute(update(notifications).where(_held(batch)).values(**silent))


def drop(db: Connection, ids: Sequence[str]) -> None:
    """Forget notices of what does not stand any more."""
    for start in range(0, len(ids), AT_ONCE):
        db.execute(delete(notifications).where(notifications.c.id.in_(ids[start : start + AT_ONCE])))


def of_person(db: Connection, person: str, *, unseen: bool = False) -> list[Notified]:
    """Return what a person was told of, the newest first."""
    query = select(notifications).where(notifications.c.person == person)
    if unseen:
        query = query.where(notifications.c.seen_at.is_(None))
    ordered = query.order_by(notifications.c.created_at.desc(), notifications.c.id)
    return [_notified(row) for row in db.execute(ordered)]


def get(db: Connection, id_: str) -> Notified | None:
    """Return one notice; None when there is none."""
    row = db.execute(select(notifications).where(notifications.c.id == id_)).first()
    return None if row is None else _notified(row)


def persons(db: Connection) -> list[str]:
    """Return everybody who has something unseen."""
    query = select(notifications.c.person).where(notifications.c.seen_at.is_(None)).distinct()
    return sorted(db.scalars(query))


def see(db: Connection, person: str, match_id: str, *, at: dt.datetime) -> bool:
    """Remember that a person looked at a match; what was seen needs no mail. False when there was no notice of it."""
    mine = (notifications.c.person == person) & (notifications.c.match_id == match_id)
    seen = update(notifications).where(mine).values(seen_at=func.coalesce(notifications.c.seen_at, at))
    if db.execute(seen).rowcount == 0:
        return False
    waiting = mine & (notifications.c.state == State.WAITING)
    db.execute(update(notifications).where(waiting).values(state=State.SILENT, lease=None, lease_until=None))
    return True


def see_those(db: Connection, person: str, ids: Sequence[str], *, at: dt.datetime) -> None:
    """Remember that a person looked at these; a mail of them is still sent, since the match itself was not seen."""
    for start in range(0, len(ids), AT_ONCE):
        mine = (notifications.c.person == person) & notifications.c.id.in_(ids[start : start + AT_ONCE])
        db.execute(update(notifications).where(mine, notifications.c.seen_at.is_(None)).values(seen_at=at))


def wish_of(db: Connection, person: str) -> Wish:
    """Return which mails a person wants; who never chose gets the digest."""
    return wishes_of(db, [person])[person]


def wishes_of(db: Connection, persons: Collection[str]) -> dict[str, Wish]:
    """Return which mails each of several people wants."""
    asked = {"persons": sorted(set(persons))}
    rows = db.execute(_wishes(db), asked)
    chosen = {row.person: Wish(choice=Choice(row.choice), mailed_at=row.mailed_at) for row in rows}
    return {person: chosen.get(person, Wish()) for person in persons}


def choose(db: Connection, person: str, choice: Choice) -> None:
    """Set which mails a person wants; with none, what waits is not mailed any more."""
    row = dialects.insert(db, alert_choices).values(person=person, choice=choice)
    db.execute(row.on_conflict_do_update(index_elements=[alert_choices.c.person], set_={"choice": choice}))
    if choice is Choice.OFF:
        waiting = (notifications.c.person == person) & (notifications.c.state == State.WAITING)
        db.execute(update(notifications).where(waiting).values(state=State.SILENT, lease=None, lease_until=None))


def count(db: Connection) -> dict[str, int]:
    """Return how many notices there are in each state."""
    query = select(notifications.c.state, func.count().label("n")).group_by(notifications.c.state)
    return {row.state: row.n for row in db.execute(query)}


def n_unseen(db: Connection, person: str) -> int:
    """Count what a person was told of and has not looked at."""
    unseen = (notifications.c.person == person) & notifications.c.seen_at.is_(None)
    return db.scalar(select(func.count()).select_from(notifications).where(unseen)) or 0


def _stated(due: Due, *, at: dt.datetime) -> dict[str, Any]:
    return {
        "id": due.id,
        "person": due.notice.person,
        "pair": due.notice.pair,
        "match_id": due.notice.match_id,
        "kind": due.notice.kind,
        "strong": due.notice.strong,
        "state": due.state,
        "created_at": at,
        "due_at": due.due_at,
        "attempts": 0,
    }


def _free(*, at: dt.datetime) -> ColumnElement[bool]:
    unleased = or_(notifications.c.lease_until.is_(None), notifications.c.lease_until <= at)
    return (notifications.c.state == State.WAITING) & unleased


def _held(batch: Batch) -> ColumnElement[bool]:
    return (notifications.c.person == batch.person) & (notifications.c.lease == batch.lease)


def _notified(row: AnyRow) -> Notified:
    notice = Notice(person=row.person, pair=row.pair, match_id=row.match_id, strong=row.strong, kind=Kind(row.kind))
    return Notified(
        id=row.id,
        notice=notice,
        state=State(row.state),
        created_at=row.created_at,
        seen_at=row.seen_at,
        mailed_at=row.mailed_at,
    )


@dialects.once
def _added(db: Connection) -> ReturningInsert[str]:
    return dialects.insert(db, notifications).on_conflict_do_nothing().returning(notifications.c.id)


@dialects.once
def _wishes(db: Connection) -> Select[*tuple[Any, ...]]:
    return select(alert_choices).where(dialects.among(db, alert_choices.c.person, "persons"))
