"""Both sides of a match see that one of them confirmed it: what ours makes of a pair is told, what theirs does kept.

Only that is told. Who looked, wrote notes or set a match aside is the centre's own.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from matchmaker import consent, notifications
from matchmaker.model import Case, CaseId
from matchmaker.service import Matchmaker
from matchmaker.store import case_notices, found, match_events, matches
from matchmaker.store.case_notices import Kind
from matchmaker.store.engine import Connection
from matchmaker.store.match_events import Event
from matchmaker.store.matches import Match, MatchStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the other side of a match makes of it: that it confirms, or does no more; who says so, about which case."""

    confirmed: bool
    by: str
    other: notifications.Reference
    at: dt.datetime


def tell(mm: Matchmaker, db: Connection, case: Case, match: Match, *, became: MatchStatus, at: dt.datetime) -> None:
    """Let the other side hear that our case's match was confirmed, or is no more; of all else it hears nothing."""
    confirmed = became is MatchStatus.CONFIRMED
    if case.test or confirmed is (match.status is MatchStatus.CONFIRMED):
        return
    finding = match.finding
    if finding.node != matches.OURSELVES:
        kind = Kind.CONFIRMATION if confirmed else Kind.RECONSIDERATION
        case_notices.add_about_pair(db, kind, case.id, node=finding.node, other_id=finding.other_id, at=at)
        return
    other = found.load(db, [CaseId(finding.other_id)]).get(CaseId(finding.other_id))
    mirrored = matches.find(db, CaseId(finding.other_id), matches.OURSELVES, case.id)
    if other is not None and mirrored is not None and consent.may_meet(case, other.case):
        by = case.contact.institution or mm.settings.node_name
        take(db, other.case, mirrored, Word(confirmed=confirmed, by=by, other=notifications.of_case(case), at=at))


def take(db: Connection, case: Case, match: Match, word: Word) -> None:
    """Keep what the other side makes of a match of our case, and let its owner hear; the same again is no news."""
    if word.confirmed is (match.confirmed_there_at is not None):
        return
    matches.set_confirmed_there(db, match.id, at=word.at if word.confirmed else None)
    status = MatchStatus.CONFIRMED if word.confirmed else None
    match_events.add(db, match.id, Event(at=word.at, by=word.by, status=status, there=True))
    notifications.tell_word(db, case, match_id=match.id, other=word.other, confirmed=word.confirmed, at=word.at)
