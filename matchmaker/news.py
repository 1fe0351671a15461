"""What a person is told on the pages: alerts, the newest first, and what other nodes took back of what they told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from matchmaker import notifications
from matchmaker.actors import User
from matchmaker.authorise import Action, may
from matchmaker.errors import NotFound
from matchmaker.match_life import Pair
from matchmaker.model import CaseId, StoredCase
from matchmaker.service import Matchmaker
from matchmaker.store import cases, found, matches, received_notices
from matchmaker.store import notifications as notices
from matchmaker.store.case_notices import ABOUT_PAIRS
from matchmaker.store.engine import Connection
from matchmaker.store.notifications import Notified
from matchmaker.store.received_notices import Received

MOST = 60  # alerts on one page
_DAYS = 90  # of what was taken back


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing that a person was told of, with the match as it is now."""

    notified: Notified
    pair: Pair

    @property
    def is_new(self) -> bool:
        return self.notified.seen_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of alerts; `n_more` are older ones."""

    alerts: tuple[Alert, ...]
    n_more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """That a node withdrew, erased or corrected a case which resembled one of ours."""

    stored: StoredCase
    received: Received


def n_new(mm: Matchmaker, *, by: User) -> int:
    """Count what a person was told of and has not looked at."""
    with mm.reading() as db:
        return notices.n_unseen(db, notices.person_of(db, by.email))


def list_(mm: Matchmaker, *, by: User, skip: int = 0) -> Listed:
    """Return what a person was told of, the newest first; what does not stand any more is not new either."""
    at = dt.datetime.now(dt.UTC)
    with mm.transaction() as db:
        person = notices.person_of(db, by.email)
        told = notices.of_person(db, person)
        some = told[skip : skip + MOST]
        standing = _standing(db, some, by=by)
        kept = {alert.notified.id for alert in standing}
        gone = [one.id for one in some if one.id not in kept and one.seen_at is None]
        notices.see_those(db, person, gone, at=at)
    return Listed(alerts=tuple(standing), n_more=max(0, len(told) - skip - MOST))


def open_(mm: Matchmaker, alert_id: str, *, by: User) -> Alert:
    """Return one alert as it was before, and remember that it was looked at.

    Raises
    ------
    NotFound
        When it is another person's, or does not stand any more.
    """
    with mm.transaction() as db:
        person = notices.person_of(db, by.email)
        told = notices.get(db, alert_id)
        standing = _standing(db, [told] if told is not None and told.notice.person == person else [], by=by)
        if not standing:
            raise NotFound("alert", alert_id)
        notices.see_those(db, person, [alert_id], at=dt.datetime.now(dt.UTC))
    return standing[0]


def see_all(mm: Matchmaker, *, by: User) -> None:
    """Remember that a person has looked at everything; the matches stay as they are."""
    with mm.transaction() as db:
        person = notices.person_of(db, by.email)
        unseen = [one.id for one in notices.of_person(db, person, unseen=True)]
        notices.see_those(db, person, unseen, at=dt.datetime.now(dt.UTC))


def taken_back(mm: Matchmaker, *, by: User) -> list[TakenBack]:
    """Return what nodes took back of what they told about cases that resembled the user's, the newest first."""
    since = dt.datetime.now(dt.UTC) - dt.timedelta(days=_DAYS)
    with mm.reading() as db:
        ours = {stored.case.id: stored for stored in cases.list_(db, owners=by.owners)}
        about = received_notices.since(db, since)
        return [
            TakenBack(stored=ours[case_id], received=received)
            for case_id, received in about
            if case_id in ours and received.kind not in ABOUT_PAIRS
        ]


def _standing(db: Connection, told: Sequence[Notified], *, by: User) -> list[Alert]:
    by_id = matches.among(db, [one.notice.match_id for one in told])
    wanted = {match.finding.case_id for match in by_id.values()}
    wanted |= {CaseId(m.finding.other_id) for m in by_id.values() if m.finding.node == matches.OURSELVES}
    stored = found.load(db, sorted(wanted))
    alerts = []
    for one in told:
        match = by_id.get(one.notice.match_id)
        ours = None if match is None else stored.get(match.finding.case_id)
        if match is None or ours is None or not may(by, Action.SEE_CASE, ours.case):
            continue
        other = stored.get(CaseId(match.finding.other_id)) if match.finding.node == matches.OURSELVES else None
        if notifications.stands(ours.case, match, other, kind=one.notice.kind):
            alerts.append(Alert(notified=one, pair=Pair(stored=ours, match=match, other=other)))
    return alerts
