"""Who hears of a match: each person once of each pair of cases, by a row for the page and by mail as the person chose.

The row is written with the match. The mail is made when it is due: what was withdrawn, hidden or set aside by then is
not told, and the address is the owner's as it is stored at that moment.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matchmaker import consent, letters, mail
from matchmaker.actors import Role, User
from matchmaker.errors import NotFound, SettingsError
from matchmaker.letters import Line
from matchmaker.model import Case, CaseId, NodeName, Score, StoredCase
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import accounts, found, matches
from matchmaker.store import notifications as notices
from matchmaker.store.engine import Connection
from matchmaker.store.matches import Match, MatchStatus, Recorded
from matchmaker.store.notifications import Batch, Choice, Due, Kind, Notice, Notified, State, Wish
from matchmaker.texts import speaking

STRONG = 0.6  # of the score
DIGEST_HOUR = 6  # UTC: before the working day, everywhere in Europe
PAUSE = dt.timedelta(hours=1)  # between mails that come at once: an import of a hundred cases is not a hundred mails

Reference = tuple[str, ...]
_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A pair that a person was told of, for the page and `matchmaker alerts`."""

    owner: str
    case_id: CaseId
    local_id: str
    match: Match
    notified: Notified


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """That a case of ours was found alike to another one."""

    case: Case
    match: Recorded
    other: Reference
    score: Score


def of_case(case: Case) -> Reference:
    """Return what counts as one independent match: relatives are one."""
    return ("case", case.id) if case.family is None else ("family", case.owner, case.family.id)


def of_node(node: NodeName, other_id: str) -> Reference:
    """Return the same for a case of another node, by the id under which it names it in both directions."""
    return ("node", node, other_id)


def tell(db: Connection, settings: Settings, case: Case, *, match: Recorded, other: Reference, score: Score) -> bool:
    """Let the owner of a case hear of its match; False when that was settled before, or it is not worth telling."""
    return bool(tell_all(db, settings, [News(case=case, match=match, other=other, score=score)]))


def tell_all(db: Connection, settings: Settings, news: Sequence[News]) -> int:
    """Let the owners of cases hear of matches, all at once; return how many were not settled before."""
    at = dt.datetime.now(dt.UTC)
    telling = [one for one in news if _is_worth_telling(one, settings)]
    person_of = {owner: notices.person_of(db, owner) for owner in {one.case.owner for one in telling}}
    wishes = notices.wishes_of(db, person_of.values()) if telling else {}
    due = []
    for one in telling:
        person, strong = person_of[one.case.owner], one.score.total >= STRONG
        wish = wishes[person]
        pair = notices.pair_of(db, of_case(one.case), one.other)
        due.append(
            Due(
                notice=Notice(person=person, pair=pair, match_id=one.match.id, strong=strong),
                state=State.SILENT if wish.choice is Choice.OFF else State.WAITING,
                due_at=mail_due(wish, urgent=one.case.acute, strong=strong, at=at),
            )
        )
    return len(notices.add_all(db, due, at=at))


def tell_word(db: Connection, case: Case, *, match_id: str, other: Reference, confirmed: bool, at: dt.datetime) -> None:
    """Let the owner of a case hear that the other side confirmed a match, or took that back; the last word counts."""
    person = notices.person_of(db, case.owner)
    wish = notices.wish_of(db, person)
    notice = Notice(
        person=person,
        pair=notices.pair_of(db, ("word", *of_case(case)), other),
        match_id=match_id,
        strong=confirmed,
        kind=Kind.CONFIRMED if confirmed else Kind.RECONSIDERED,
    )
    state = State.SILENT if wish.choice is Choice.OFF else State.WAITING
    due_at = mail_due(wish, urgent=case.acute, strong=confirmed, at=at)
    notices.renew(db, Due(notice=notice, state=state, due_at=due_at), at=at)


def _is_worth_telling(news: News, settings: Settings) -> bool:
    if news.case.test or news.match.status is MatchStatus.DISMISSED:
        return False
    return news.score.total >= settings.min_score or news.score.genotype > 0.0


def mail_due(wish: Wish, *, urgent: bool, strong: bool, at: dt.datetime) -> dt.datetime:
    """When a mail should go out: of an acute case now, strong ones at once but hourly, the rest with the digest."""
    if urgent:
        return at
    if strong or wish.choice is Choice.AT_ONCE:
        return at if wish.mailed_at is None else max(at, wish.mailed_at + PAUSE)
    digest = at.astimezone(dt.UTC).replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return digest if digest > at else digest + dt.timedelta(days=1)


def send_due(mm: Matchmaker, *, at: dt.datetime | None = None) -> int:
    """Send the mails that are due; return how many were sent. What fails is tried again later."""
    n_sent = 0
    while mail.can_send(mm.settings):
        now = at or dt.datetime.now(dt.UTC)
        with mm.transaction() as db:
            batch = notices.claim(db, at=now)
        if batch is None:
            break
        n_sent += _send(mm, batch, at=now)
    return n_sent


def alerts(mm: Matchmaker, *, by: User, unseen: bool = True) -> Iterator[Alert]:
    """Yield what is new for a user, the newest first; for the system what is new for everybody."""
    with mm.reading() as db:
        for person in _persons(db, by):
            for notified in notices.of_person(db, person, unseen=unseen):
                match = matches.get(db, notified.notice.match_id)
                stored = found.load(db, [match.finding.case_id]).get(match.finding.case_id)
                if stored is not None and _stands(db, stored.case, match, kind=notified.notice.kind):
                    yield Alert(
                        owner=stored.case.owner,
                        case_id=stored.case.id,
                        local_id=stored.case.local_id,
                        match=match,
                        notified=notified,
                    )


def see(mm: Matchmaker, match_id: str, *, by: User) -> None:
    """Remember that a user looked at a match, which then needs no mail any more."""
    with mm.transaction() as db:
        if not notices.see(db, notices.person_of(db, by.email), match_id, at=dt.datetime.now(dt.UTC)):
            raise NotFound("alert of match", match_id)


def stands(case: Case, match: Match, other: StoredCase | None, *, kind: Kind) -> bool:
    """Say whether a match may be told now: both sides are there and shared as they must be, and nobody set it aside.

    What a colleague says of it is told of one that was set aside, too.
    """
    if kind is Kind.FOUND and match.status is MatchStatus.DISMISSED:
        return False
    if match.finding.node != matches.OURSELVES:
        return True
    return other is not None and consent.may_meet(case, other.case)


def choose(mm: Matchmaker, owner: str, choice: Choice) -> None:
    """Set which mails an owner gets."""
    with mm.transaction() as db:
        notices.choose(db, notices.person_of(db, owner), choice)


def choice_of(mm: Matchmaker, owner: str) -> Choice:
    """Return which mails an owner gets."""
    with mm.reading() as db:
        return notices.wish_of(db, notices.person_of(db, owner)).choice


def counted(mm: Matchmaker) -> dict[str, int]:
    """Return how many alerts wait for their mail, were mailed, and are told by the page alone."""
    with mm.reading() as db:
        return notices.count(db)


def _persons(db: Connection, by: User) -> list[str]:
    return notices.persons(db) if by.role is Role.SYSTEM else [notices.person_of(db, by.email)]


def _send(mm: Matchmaker, batch: Batch, *, at: dt.datetime) -> bool:
    with mm.transaction() as db:
        standing = list(_standing(db, batch))
        kept = {notified.id for notified, _, _ in standing}
        notices.drop(db, [one.id for one in batch.notified if one.id not in kept])
    if not standing:
        return False
    owner = standing[0][1]
    if not _ADDRESS.fullmatch(owner):
        with mm.transaction() as db:
            notices.silence(db, batch)
        log.warning("%d matches of an owner without a mail address are shown on the page only", len(standing))
        return False
    lines = [_line(notified, match) for notified, _, match in standing]
    with mm.reading() as db:
        language = accounts.language_of(db, owner)
    with speaking(language):
        message = letters.alert(mm.settings, owner, lines, key=letters.key_of(sorted(kept)), at=at)
    try:
        mail.send(mm.settings, message)
    except (mail.NotSent, SettingsError) as error:
        log.warning("a mail of %d matches is not sent: %s", len(lines), error)
        with mm.transaction() as db:
            notices.fail(db, batch, error=str(error), at=at)
        return False
    with mm.transaction() as db:
        notices.settle(db, batch, at=at)
    log.info("mail of %d matches sent", len(lines))
    return True


def _standing(db: Connection, batch: Batch) -> Iterator[tuple[Notified, str, Match]]:
    """Yield what may still be told, and to whom."""
    for notified in batch.notified:
        try:
            match = matches.get(db, notified.notice.match_id)
        except NotFound:
            continue
        case_id = match.finding.case_id
        stored = found.load(db, [case_id]).get(case_id)
        if stored is not None and _stands(db, stored.case, match, kind=notified.notice.kind):
            yield notified, stored.case.owner, match


def _stands(db: Connection, case: Case, match: Match, *, kind: Kind) -> bool:
    at_home = match.finding.node == matches.OURSELVES
    other_id = CaseId(match.finding.other_id)
    return stands(case, match, found.load(db, [other_id]).get(other_id) if at_home else None, kind=kind)


def _line(notified: Notified, match: Match) -> Line:
    finding = match.finding
    return Line(
        match_id=match.id,
        score=finding.score.total,
        strong=notified.notice.strong,
        node=finding.node if finding.node != matches.OURSELVES else None,
        asked_by_us=finding.asked_by_us,
        kind=notified.notice.kind,
    )
