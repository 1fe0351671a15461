"""Letters of a conversation about two cases: plain text, so many and no more, kept sealed until their time is over.

A letter of our side is kept with where it is to go; one of the other side is kept with the mail to our owner that it
makes necessary. `federation.deliveries` carries both.
"""

from __future__ import annotations

import datetime as dt

from federation.reaching import Route, Way
from matchmaker import relaying
from matchmaker.errors import Invalid, Issue, TooOften
from matchmaker.model import CaseId
from matchmaker.service import Matchmaker
from matchmaker.store import match_events, matches, messages, relays
from matchmaker.store.engine import Connection
from matchmaker.store.matches import OURSELVES, MatchStatus
from matchmaker.store.messages import Message, State
from matchmaker.store.relays import Conversation, Relay
from matchmaker.texts import gettext as _

LONGEST = 10_000  # characters of a letter
AN_HOUR, A_DAY = 10, 40  # letters of one side in one conversation
UNANSWERED = {MatchStatus.NEW, MatchStatus.SEEN}


def take(
    mm: Matchmaker, db: Connection, conversation: Conversation, text: str, *, id_: str | None = None, reply_to: str = ""
) -> Message:
    """Keep a letter of the other side, which the owner of our case is to be mailed; the same again is no other."""
    at = _now()
    _require_calm(db, conversation, by_us=False, at=at)
    message = Message(
        id=id_ or messages.new_id(),
        conversation=conversation,
        by_us=False,
        at=at,
        text=text,
        reply_to=reply_to,
        expires_at=at + relaying.LASTS,
    )
    if messages.add(db, message):
        _open_for_owner(mm, db, conversation, at=at)
        match = matches.find(db, conversation.case_id, conversation.node, conversation.other_id)
        if match is not None and match.status in UNANSWERED:
            became(db, match.id, MatchStatus.CONTACTED_US, by=conversation.node)
    return message


def send(mm: Matchmaker, db: Connection, conversation: Conversation, text: str, *, way: Way, author: str) -> Message:
    """Keep a letter of our side, to be delivered where the way leads; within this node at once."""
    at = _now()
    _require_calm(db, conversation, by_us=True, at=at)
    state = {Route.RELAY: State.WAITING, Route.HERE: State.DELIVERED}.get(way.route, State.SHOWN)
    message = Message(
        id=messages.new_id(),
        conversation=conversation,
        by_us=True,
        at=at,
        text=text,
        author=author,
        state=state,
        expires_at=at + relaying.LASTS,
    )
    messages.add(db, message)
    relays.open_(db, [_relay(mm, conversation, for_owner=False, at=at)])
    if way.route is Route.HERE:
        there = CaseId(conversation.other_id)
        take(mm, db, Conversation(case_id=there, node=OURSELVES, other_id=conversation.case_id), text)
    return message


def checked(text: str) -> str:
    """Return a letter as plain text: lines, tabs, and what can be printed.

    Raises
    ------
    Invalid
        When nothing is left of it, or it is too long.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(c for c in lines if c.isprintable() or c in "\n\t").strip()
    if not plain:
        raise Invalid([Issue(path="text", message=_("is empty"), remedy=_("write the letter first"))])
    if len(plain) > LONGEST:
        raise Invalid(
            [
                Issue(
                    path="text",
                    message=_("has %(n)s characters", n=f"{len(plain):,}"),
                    remedy=_("use at most %(most)s", most=f"{LONGEST:,}"),
                )
            ]
        )
    return plain


def became(db: Connection, match_id: str, status: MatchStatus, *, by: str) -> None:
    """Note where the two clinicians are with a match, and who brought it there."""
    matches.set_status(db, match_id, status)
    match_events.add(db, match_id, match_events.Event(at=_now(), by=by, status=status))


def _open_for_owner(mm: Matchmaker, db: Connection, conversation: Conversation, *, at: dt.datetime) -> None:
    sides = [_relay(mm, conversation, for_owner=for_owner, at=at) for for_owner in (True, False)]
    relays.open_(db, sides)


def _relay(mm: Matchmaker, conversation: Conversation, *, for_owner: bool, at: dt.datetime) -> tuple[str, Relay]:
    relay = Relay(conversation=conversation, for_owner=for_owner, expires_at=at + relaying.LASTS)
    return relaying.alias_of(mm, conversation, for_owner=for_owner), relay


def _require_calm(db: Connection, conversation: Conversation, *, by_us: bool, at: dt.datetime) -> None:
    for most, span in ((AN_HOUR, dt.timedelta(hours=1)), (A_DAY, dt.timedelta(days=1))):
        if messages.n_since(db, conversation, at - span, by_us=by_us) >= most:
            raise TooOften(span)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
