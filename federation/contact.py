"""Writing to the clinician of the other case of a match, and being written to, without either address being told.

For a page: `way` says how the other side is reached, `draft` proposes a letter with the facts of the match, `write`
sends one, `thread` lists what was written. Whoever has an alias of ours reads and writes by `opened` and `receive`,
without an account. Letters are plain text, kept sealed, and deleted when their time is over.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from enum import StrEnum

from federation import told
from federation.opening_letter import draft
from matchmaker import audit, consent, hands, match_life, relaying
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import Invalid, Issue, NotFound, TooOften
from matchmaker.match_life import Pair
from matchmaker.model import CaseId, Node, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import found, match_events, matches, messages, relays
from matchmaker.store import nodes as registry
from matchmaker.store.engine import Connection
from matchmaker.store.matches import OURSELVES, MatchStatus
from matchmaker.store.messages import Message, State
from matchmaker.store.relays import Conversation, Relay

__all__ = ["Route", "Visit", "Way", "checked", "draft", "opened", "receive", "thread", "way", "write"]

LONGEST = 10_000  # characters of a letter
AN_HOUR, A_DAY = 10, 40  # letters of one side in one conversation
_ALIAS = re.compile(r"[0-9a-f]{40}")
_RELAY = re.compile(r"^https?://[^?#]+/relay/([0-9a-f]{40})$")
_OPEN = {MatchStatus.NEW, MatchStatus.SEEN}


class Route(StrEnum):
    """How the other side of a match is reached."""

    RELAY = "relay"  # written here, carried by the two nodes
    HERE = "here"  # both cases are of this node
    PAGE_HERE = "page here"  # it wrote to us on our page, and reads the answer there
    MAIL = "mail"  # by the user's own mail program: the other node takes no letters
    PAGE = "page"  # on a page of the other node
    NONE = "none"  # it named nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The route, and for MAIL and PAGE the address that the other node named."""

    route: Route
    address: str | None = None
    alias: str = ""

    @property
    def can_write(self) -> bool:
        """Whether `write` sends a letter."""
        return self.route in {Route.RELAY, Route.HERE, Route.PAGE_HERE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A conversation as whoever has its alias sees it; `mine` are the letters of that side."""

    node: str  # the other side's, as it is called here
    letters: tuple[Message, ...]
    for_owner: bool
    expires_at: dt.datetime

    def is_mine(self, letter: Message) -> bool:
        """Say whether the visitor's own side wrote a letter."""
        return letter.by_us is self.for_owner


def way(mm: Matchmaker, match_id: str, *, by: User) -> Way:
    """Return how the other side of a match is reached."""
    pair = match_life.get(mm, match_id, by=by)
    with mm.reading() as db:
        return route_of(mm, db, _conversation(pair))


def thread(mm: Matchmaker, match_id: str, *, by: User) -> list[Message]:
    """Return what was written about a match, oldest first."""
    pair = match_life.get(mm, match_id, by=by)
    with mm.reading() as db:
        return messages.of_conversation(db, _conversation(pair))


def write(mm: Matchmaker, match_id: str, text: str, *, by: User) -> Message:
    """Send a letter to the other side of a match; the match is then one that was written to.

    Raises
    ------
    Invalid
        When the letter is empty or too long, or the other side takes none by this way.
    TooOften
    """
    pair = match_life.get(mm, match_id, by=by)
    require(by, Action.EDIT_CASE, pair.stored.case)
    text = checked(text)
    with mm.transaction() as db:
        found_way = route_of(mm, db, _conversation(pair))
        if not found_way.can_write:
            remedy = f"write to {found_way.address}" if found_way.address else "ask the operator of that node"
            raise Invalid([Issue(path="text", message="cannot be sent from here", remedy=remedy)])
        message = send(mm, db, _conversation(pair), text, way=found_way, author=by.email)
        if pair.match.status in _OPEN | {MatchStatus.CONTACTED_US}:
            _became(db, pair.match.id, MatchStatus.CONTACTED, by=by.email)
        audit.record(db, by, "letter written", case_id=pair.stored.case.id, node=pair.match.finding.node or None)
    hands.nudge(mm)
    return message


def opened(mm: Matchmaker, alias: str) -> Visit:
    """Return the conversation that an alias opens.

    Raises
    ------
    NotFound
        When it opens nothing, or nothing any more; which of the two is not told.
    """
    with mm.reading() as db:
        relay = _opened(mm, db, alias, at=_now())
        letters = tuple(messages.of_conversation(db, relay.conversation))
    node = relay.conversation.node or mm.settings.node_name
    return Visit(node=node, letters=letters, for_owner=relay.for_owner, expires_at=relay.expires_at)


def receive(mm: Matchmaker, alias: str, text: str) -> Message:
    """Take a letter from whoever has an alias: the other side, or our owner by the link of a mail.

    Raises
    ------
    NotFound, Invalid, TooOften
    """
    text = checked(text)
    with mm.transaction() as db:
        relay = _opened(mm, db, alias, at=_now())
        conversation = relay.conversation
        if relay.for_owner:
            case = found.load(db, [conversation.case_id])[conversation.case_id].case
            message = send(mm, db, conversation, text, way=route_of(mm, db, conversation), author=case.owner)
        else:
            message = take(mm, db, conversation, text)
        audit.record(db, conversation.node or NodeName("relay"), "letter received", case_id=conversation.case_id)
    hands.nudge(mm)
    return message


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
        if match is not None and match.status in _OPEN:
            _became(db, match.id, MatchStatus.CONTACTED_US, by=conversation.node)
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
        raise Invalid([Issue(path="text", message="is empty", remedy="write the letter first")])
    if len(plain) > LONGEST:
        raise Invalid([Issue(path="text", message=f"has {len(plain):,} characters", remedy=f"use at most {LONGEST:,}")])
    return plain


def route_of(mm: Matchmaker, db: Connection, conversation: Conversation) -> Way:
    """Return how the other side of a conversation is reached now, by its match or by what it wrote."""
    match = matches.find(db, conversation.case_id, conversation.node, conversation.other_id)
    said = None if match is None else told.read(match.finding, mm.release)
    href = None if said is None else said.case.contact.href or said.case.contact.email
    return _way(db, conversation, href)


def for_node(mm: Matchmaker, db: Connection, node: Node, alias: str, other_id: str) -> Conversation:
    """Return the conversation that a node opens with an alias that it was given, about a case of its own.

    Raises
    ------
    NotFound
        When the alias opens nothing to this node, or is that of another pair of cases.
    """
    relay = _opened(mm, db, alias, at=_now())
    conversation = relay.conversation
    ours = not relay.for_owner and conversation.node == node.name
    if not ours or conversation.other_id not in {relaying.UNKNOWN, other_id}:
        raise NotFound("address", "for letters")
    return replace(conversation, other_id=other_id)


def _opened(mm: Matchmaker, db: Connection, alias: str, *, at: dt.datetime) -> Relay:
    """What an alias opens now, if the case is there and still shared; withdrawing closes all of its aliases."""
    relay = relays.find(db, alias, at=at) if _ALIAS.fullmatch(alias) else None
    if relay is None or not _shared(mm, db, relay.conversation):
        raise NotFound("address", "for letters")
    if relay.conversation.other_id == relaying.UNKNOWN and relay.conversation.node != OURSELVES:
        return replace(relay, conversation=_only_match(db, relay.conversation))
    return relay


def _shared(mm: Matchmaker, db: Connection, conversation: Conversation) -> bool:
    cases = found.load(db, [conversation.case_id, CaseId(conversation.other_id)])
    stored, other = cases.get(conversation.case_id), cases.get(CaseId(conversation.other_id))
    if stored is None:
        return False
    if conversation.node == OURSELVES:
        return other is not None and consent.may_meet(stored.case, other.case)
    node = next((node for node in registry.list_(db) if node.name == conversation.node), None)
    return node is not None and consent.may_share(stored.case, node, jurisdiction=mm.settings.jurisdiction)


def _only_match(db: Connection, conversation: Conversation) -> Conversation:
    """Whoever was asked with our case names none of his own on the page: clear only where one match is there."""
    of_node = [m for m in matches.of_case(db, conversation.case_id) if m.finding.node == conversation.node]
    return replace(conversation, other_id=of_node[0].finding.other_id) if len(of_node) == 1 else conversation


def _conversation(pair: Pair) -> Conversation:
    finding = pair.match.finding
    return Conversation(case_id=finding.case_id, node=finding.node, other_id=finding.other_id)


def _way(db: Connection, conversation: Conversation, href: str | None) -> Way:
    if conversation.node == OURSELVES:
        return Way(route=Route.HERE)
    node = next((node for node in registry.list_(db) if node.name == conversation.node), None)
    theirs = [letter for letter in messages.of_conversation(db, conversation) if not letter.by_us]
    alias = next((letter.reply_to for letter in reversed(theirs) if letter.reply_to), "") or _alias_in(href)
    if node is not None and node.kin and node.base_url and alias:
        return Way(route=Route.RELAY, alias=alias)
    if theirs:
        return Way(route=Route.PAGE_HERE)
    if href is None:
        return Way(route=Route.NONE)
    return Way(route=Route.MAIL if "@" in href else Route.PAGE, address=href)


def _alias_in(href: str | None) -> str:
    """The alias in a relay's address; it is used with the registered address of the node and no other."""
    found = _RELAY.search(href or "")
    return found.group(1) if found else ""


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


def _became(db: Connection, match_id: str, status: MatchStatus, *, by: str) -> None:
    matches.set_status(db, match_id, status)
    match_events.add(db, match_id, match_events.Event(at=_now(), by=by, status=status))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
