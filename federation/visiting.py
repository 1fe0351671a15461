"""What an alias opens to whoever has it: a conversation that is read and written without an account.

It opens nothing once the case is withdrawn, private, or not shared with that node any more, or the node is paused.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace

from federation import conversing
from federation.reaching import route_of
from matchmaker import audit, consent, hands, relaying
from matchmaker.errors import NotFound
from matchmaker.model import CaseId, Node, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import found, matches, messages, relays
from matchmaker.store import nodes as registry
from matchmaker.store.engine import Connection
from matchmaker.store.matches import OURSELVES
from matchmaker.store.messages import Message
from matchmaker.store.relays import Conversation, Relay

_ALIAS = re.compile(r"[0-9a-f]{40}")


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
    text = conversing.checked(text)
    with mm.transaction() as db:
        relay = _opened(mm, db, alias, at=_now())
        conversation = relay.conversation
        if relay.for_owner:
            case = found.load(db, [conversation.case_id])[conversation.case_id].case
            message = conversing.send(mm, db, conversation, text, way=route_of(mm, db, conversation), author=case.owner)
        else:
            message = conversing.take(mm, db, conversation, text)
        audit.record(db, conversation.node or NodeName("relay"), "letter received", case_id=conversation.case_id)
    hands.nudge(mm)
    return message


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


def is_shared(mm: Matchmaker, db: Connection, conversation: Conversation) -> bool:
    """Say whether both sides of a conversation may still know of one another, by what is stored now."""
    cases = found.load(db, [conversation.case_id, CaseId(conversation.other_id)])
    stored, other = cases.get(conversation.case_id), cases.get(CaseId(conversation.other_id))
    if stored is None:
        return False
    if conversation.node == OURSELVES:
        return other is not None and consent.may_meet(stored.case, other.case)
    node = next((node for node in registry.list_(db) if node.name == conversation.node), None)
    return node is not None and consent.may_share(stored.case, node, jurisdiction=mm.settings.jurisdiction)


def _opened(mm: Matchmaker, db: Connection, alias: str, *, at: dt.datetime) -> Relay:
    """What an alias opens now, if the case is there and still shared; withdrawing closes all of its aliases."""
    relay = relays.find(db, alias, at=at) if _ALIAS.fullmatch(alias) else None
    if relay is None or not is_shared(mm, db, relay.conversation):
        raise NotFound("address", "for letters")
    if relay.conversation.other_id == relaying.UNKNOWN and relay.conversation.node != OURSELVES:
        return replace(relay, conversation=_only_match(db, relay.conversation))
    return relay


def _only_match(db: Connection, conversation: Conversation) -> Conversation:
    """Whoever was asked with our case names none of his own on the page: clear only where one match is there."""
    of_node = [m for m in matches.of_case(db, conversation.case_id) if m.finding.node == conversation.node]
    return replace(conversation, other_id=of_node[0].finding.other_id) if len(of_node) == 1 else conversation


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
