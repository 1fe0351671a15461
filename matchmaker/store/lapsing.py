"""Cases whose consent lapses with time, and statuses that somebody confirmed: what changes without an edit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from matchmaker.errors import NotFound
from matchmaker.model import CaseId, Sharing, Status
from matchmaker.store import cases as stored
from matchmaker.store.engine import keys_of
from matchmaker.store.tables import PENDING, cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """When the consent of a case ends to hold, and when its owner was last told of that by mail."""

    case_id: CaseId
    on: dt.date
    told_on: dt.date | None


def due(db: Connection, *, on: dt.date, limit: int) -> list[CaseId]:
    """Return cases that are still shared although their consent has lapsed."""
    lapsed = (cases.c.lapses_on <= on) & (cases.c.sharing != Sharing.PRIVATE)
    return [CaseId(found) for found in db.scalars(select(cases.c.id).where(lapsed).order_by(cases.c.id).limit(limit))]


def soon(db: Connection, *, by: dt.date) -> list[Lapse]:
    """Return what lapses by a day, or has lapsed; withdrawn cases and those of tests are left alone."""
    counts = (cases.c.lapses_on <= by) & (cases.c.status != Status.WITHDRAWN) & ~cases.c.test
    rows = db.execute(select(cases.c.id, cases.c.lapses_on, cases.c.lapse_told_on).where(counts).order_by(cases.c.id))
    return [Lapse(case_id=CaseId(row.id), on=row.lapses_on, told_on=row.lapse_told_on) for row in rows]


def told(db: Connection, case_ids: Sequence[CaseId], *, on: dt.date) -> None:
    """Note that owners were told of the lapse of cases by mail."""
    db.execute(update(cases).where(cases.c.id.in_(case_ids)).values(lapse_told_on=on))


def n_before(db: Connection, owners: Iterable[str], *, before: dt.date) -> int:
    """Return how many cases of some owners lapse before a day, or have lapsed; withdrawn ones are left alone."""
    keys = [keys_of(db).pseudonym("owner", owner) for owner in owners]
    soon = (cases.c.lapses_on < before) & (cases.c.status != Status.WITHDRAWN) & cases.c.owner_key.in_(keys)
    return db.scalar(select(func.count()).select_from(cases).where(soon)) or 0


def pause(db: Connection, case_ids: Sequence[CaseId]) -> None:
    """Let the columns and every index say what the cases are today: private. Their content stays as it is."""
    private = {"sharing": Sharing.PRIVATE, "revision": PENDING}
    db.execute(update(cases).where(cases.c.id.in_(case_ids)).values(private))


def fill_in(db: Connection, *, limit: int) -> int:
    """Note when cases lapse that were stored before this was noted; return how many."""
    missing = select(cases.c.id).where(cases.c.lapses_on.is_(None)).limit(limit)
    found = [CaseId(case_id) for case_id in db.scalars(missing)]
    for case_id in found:
        lapses_on = stored.lapse_of(stored.get(db, case_id).case)
        db.execute(update(cases).where(cases.c.id == case_id).values(lapses_on=lapses_on))
    return len(found)


def confirm(db: Connection, case_id: CaseId, *, at: dt.datetime) -> None:
    """Note that somebody said that the status of a case still holds."""
    if db.execute(update(cases).where(cases.c.id == case_id).values(confirmed_at=at)).rowcount == 0:
        raise NotFound("case", case_id)
