"""How the other side of a match is reached: by a letter that the nodes carry, by mail, or on a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from federation import told
from matchmaker.service import Matchmaker
from matchmaker.store import matches, messages
from matchmaker.store import nodes as registry
from matchmaker.store.engine import Connection
from matchmaker.store.matches import OURSELVES
from matchmaker.store.relays import Conversation

_RELAY = re.compile(r"^https?://[^?#]+/relay/([0-9a-f]{40})$")


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


def route_of(mm: Matchmaker, db: Connection, conversation: Conversation) -> Way:
    """Return how the other side of a conversation is reached now, by its match or by what it wrote."""
    match = matches.find(db, conversation.case_id, conversation.node, conversation.other_id)
    said = None if match is None else told.read(match.finding, mm.release)
    href = None if said is None else said.case.contact.href or said.case.contact.email
    return _way(db, conversation, href)


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
