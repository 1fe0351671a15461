"""What a centre does with its recorded matches: look, note, write, confirm, set aside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from matchmaker import audit, confirming, consent, hands
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import Invalid, Issue, NotFound
from matchmaker.model import CaseId, StoredCase
from matchmaker.service import Matchmaker
from matchmaker.store import cases, found, match_events, matches
from matchmaker.store import notifications as notices
from matchmaker.store.engine import Connection
from matchmaker.store.match_events import Event
from matchmaker.store.matches import Match, MatchStatus
from matchmaker.texts import gettext as _

LONGEST_NOTE = 4000  # characters
_AT_ONCE = 500  # cases read together
_BY_HAND = frozenset(MatchStatus) - {MatchStatus.NEW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A recorded match with our case; `other` is the other case where that is of this node too, whole."""

    stored: StoredCase
    match: Match
    other: StoredCase | None = None

    @property
    def at_home(self) -> bool:
        return self.match.finding.node == matches.OURSELVES


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many matches a case has: never looked at, and not set aside."""

    n_new: int = 0
    n_open: int = 0


def of_case(mm: Matchmaker, case_id: CaseId, *, by: User) -> list[Pair]:
    """Return the matches of a case that still stand, best first.

    Raises
    ------
    NotFound
        When there is no such case for this user.
    """
    with mm.reading() as db:
        stored = _own(db, case_id, by=by)
        return _standing(db, {stored.case.id: stored}, matches.of_case(db, case_id))


def of_cases(mm: Matchmaker, stored: Collection[StoredCase], *, most: int, by: User) -> tuple[list[Pair], int]:
    """Return matches of several cases that the user may see, and how many there are beyond `most`.

    Those that were first seen on the newest day come first, of a day the best.
    """
    for one in stored:
        require(by, Action.SEE_CASE, one.case)
    by_id = {one.case.id: one for one in stored}
    with mm.reading() as db:
        newest, n_all = matches.of_cases(db, by_id, most=most)
        return _standing(db, by_id, newest), n_all - len(newest)


def counts(mm: Matchmaker, stored: Collection[StoredCase], *, by: User) -> dict[CaseId, Counts]:
    """Count the recorded matches of cases; a case without any is not in it."""
    for one in stored:
        require(by, Action.SEE_CASE, one.case)
    ids = [one.case.id for one in stored]
    counted: dict[CaseId, Counts] = {}
    with mm.reading() as db:
        for start in range(0, len(ids), _AT_ONCE):
            for case_id, by_status in matches.counts(db, ids[start : start + _AT_ONCE]).items():
                n_open = sum(n for status, n in by_status.items() if status is not MatchStatus.DISMISSED)
                counted[case_id] = Counts(n_new=by_status.get(MatchStatus.NEW, 0), n_open=n_open)
    return counted


def get(mm: Matchmaker, match_id: str, *, by: User) -> Pair:
    """Return one match that still stands; for those who may not see our case there is none."""
    with mm.reading() as db:
        return _pair(db, match_id, by=by)


def look(mm: Matchmaker, match_id: str, *, by: User) -> None:
    """Remember that somebody of the centre looked at a match; who looked needs no mail of it any more."""
    at = dt.datetime.now(dt.UTC)
    with mm.transaction() as db:
        pair = _pair(db, match_id, by=by)
        notices.see(db, notices.person_of(db, by.email), match_id, at=at)
        if pair.match.status is MatchStatus.NEW:
            _become(db, pair, MatchStatus.SEEN, by=by, text="", at=at)
        audit.record(db, by, "match seen", case_id=pair.stored.case.id, node=pair.match.finding.node or None)


def move(mm: Matchmaker, match_id: str, status: MatchStatus, *, by: User, reason: str = "") -> None:
    """Move a match on; why it is set aside must be said, so that colleagues need not look again.

    Raises
    ------
    Invalid
        When a reason is missing or too long, or the status is none that people give.
    """
    reason = reason.strip()
    if status not in _BY_HAND:
        raise Invalid(
            (
                Issue(
                    path="status",
                    message=_("%(status)s cannot be chosen", status=status),
                    remedy=_("choose another one"),
                ),
            )
        )
    if status is MatchStatus.DISMISSED and not reason:
        raise Invalid(
            (Issue(path="reason", message=_("is empty"), remedy=_("say in a few words why this match is set aside")),)
        )
    _require_length("reason", reason)
    at = dt.datetime.now(dt.UTC)
    with mm.transaction() as db:
        pair = _pair(db, match_id, by=by, action=Action.EDIT_CASE)
        if pair.match.status is status and not reason:
            return
        _become(db, pair, status, by=by, text=reason, at=at)
        confirming.tell(mm, db, pair.stored.case, pair.match, became=status, at=at)
        node = pair.match.finding.node or None
        audit.record(db, by, "match moved", case_id=pair.stored.case.id, node=node, details={"status": status.value})
    hands.nudge(mm)


def note(mm: Matchmaker, match_id: str, text: str, *, by: User) -> None:
    """Write something down for the colleagues of the centre; it never leaves.

    Raises
    ------
    Invalid
        When the note is empty or too long.
    """
    text = text.strip()
    if not text:
        raise Invalid((Issue(path="text", message=_("is empty"), remedy=_("write the note first")),))
    _require_length("text", text)
    with mm.transaction() as db:
        _pair(db, match_id, by=by, action=Action.EDIT_CASE)
        match_events.add(db, match_id, Event(at=dt.datetime.now(dt.UTC), by=by.email, text=text))


def history(mm: Matchmaker, match_id: str, *, by: User) -> list[Event]:
    """Return what the centre did with a match, oldest first."""
    with mm.reading() as db:
        _pair(db, match_id, by=by)
        return match_events.of_match(db, match_id)


def why_set_aside(mm: Matchmaker, pairs: Collection[Pair]) -> dict[str, str]:
    """Return what the centre said when it set matches aside, for those that it did."""
    aside = [pair.match.id for pair in pairs if pair.match.status is MatchStatus.DISMISSED]
    if not aside:
        return {}
    with mm.reading() as db:
        return match_events.why_set_aside(db, aside)


def _become(db: Connection, pair: Pair, status: MatchStatus, *, by: User, text: str, at: dt.datetime) -> None:
    matches.set_status(db, pair.match.id, status)
    match_events.add(db, pair.match.id, Event(at=at, by=by.email, text=text, status=status))


def _own(db: Connection, case_id: CaseId, *, by: User) -> StoredCase:
    stored = cases.get(db, case_id)
    require(by, Action.SEE_CASE, stored.case)
    return stored


def _pair(db: Connection, match_id: str, *, by: User, action: Action = Action.SEE_CASE) -> Pair:
    match = matches.get(db, match_id)
    try:
        stored = _own(db, match.finding.case_id, by=by)
    except NotFound as error:
        raise NotFound("match", match_id) from error
    require(by, action, stored.case)
    standing = _standing(db, {stored.case.id: stored}, [match])
    if not standing:
        raise NotFound("match", match_id)
    return standing[0]


def _standing(db: Connection, ours: dict[CaseId, StoredCase], recorded: Collection[Match]) -> list[Pair]:
    """Pair matches with the cases; what was withdrawn, erased or hidden since is not there any more."""
    ids = [CaseId(m.finding.other_id) for m in recorded if m.finding.node == matches.OURSELVES]
    others: dict[CaseId, StoredCase] = {}
    for start in range(0, len(ids), _AT_ONCE):
        others |= found.load(db, ids[start : start + _AT_ONCE])
    pairs = []
    for match in recorded:
        stored, other = ours[match.finding.case_id], others.get(CaseId(match.finding.other_id))
        if match.finding.node != matches.OURSELVES:
            pairs.append(Pair(stored=stored, match=match))
        elif other is not None and consent.may_meet(stored.case, other.case):
            pairs.append(Pair(stored=stored, match=match, other=other))
    return pairs


def _require_length(path: str, text: str) -> None:
    if len(text) > LONGEST_NOTE:
        raise Invalid(
            (
                Issue(
                    path=path,
                    message=_("has %(n)s characters", n=f"{len(text):,}"),
                    remedy=_("use at most %(most)s", most=f"{LONGEST_NOTE:,}"),
                ),
            )
        )
