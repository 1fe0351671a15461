"""Aliases under which other nodes' clinicians write to the owner of a case, without either side's address being told.

An alias is made from the two cases alone, so it is the same for the same two for ever; without our keys nobody makes
or guesses one. Whether it opens anything is a row with an end (`matchmaker.store.relays`), and the case's consent.
"""

from __future__ import annotations

import datetime as dt

from matchmaker.model import CaseId, Node
from matchmaker.service import Matchmaker
from matchmaker.store.relays import Conversation

LASTS = dt.timedelta(days=180)  # after a node was told of the case, or somebody wrote
UNKNOWN = ""  # the other case, before a node has named one
_DIGITS = 40  # hexadecimal: 160 bits


def alias_of(mm: Matchmaker, conversation: Conversation, *, for_owner: bool = False) -> str:
    """Return the alias that opens a conversation for the other side, or for our case's owner."""
    side = "relay for owner" if for_owner else "relay"
    parts = (conversation.node, conversation.case_id, conversation.other_id)
    return mm.keys.pseudonym(side, *parts)[:_DIGITS]


def address_of(mm: Matchmaker, alias: str) -> str:
    """Return the page on which whoever has the alias reads and writes."""
    return f"{mm.settings.base_url.rstrip('/')}/relay/{alias}"


def general_address(mm: Matchmaker, case_id: CaseId, node: Node) -> str:
    """Return the address that a node is given with a case before it has named one of its own."""
    return address_of(mm, alias_of(mm, Conversation(case_id=case_id, node=node.name, other_id=UNKNOWN)))
