"""Which aliases open when a node of our own kind is told of a case, or asked with it: one for each pair of cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from federation.answering import Revealed
from matchmaker import relaying
from matchmaker.model import CaseId, Node
from matchmaker.service import Matchmaker
from matchmaker.store import relays
from matchmaker.store.engine import Connection
from matchmaker.store.relays import Conversation, Relay


def address(
    mm: Matchmaker, db: Connection, node: Node, asked_with: str, results: Sequence[Revealed], *, at: dt.datetime
) -> tuple[Revealed, ...]:
    """Put into each result the alias of its very pair of cases, and open it.

    The ledger knows an answer without its alias: it says nothing of the case, and must not make old answers new.
    """
    if not node.kin:
        return tuple(results)
    addressed, opened = [], []
    for result in results:
        general = _alias(mm, node, result.case_id, relaying.UNKNOWN)
        if result.view.case.contact.href != relaying.address_of(mm, general):
            addressed.append(result)  # the owner opened the contact
            continue
        alias = _alias(mm, node, result.case_id, asked_with)
        addressed.append(replace(result, written=result.written.replace(general.encode(), alias.encode())))
        opened.append((alias, _relay(node, result.case_id, asked_with, at=at)))
    relays.open_(db, opened)
    return tuple(addressed)


def open_general(mm: Matchmaker, db: Connection, case_id: CaseId, nodes: Sequence[Node], *, at: dt.datetime) -> None:
    """Open the alias that nodes of our own kind are sent with a question."""
    kin = [node for node in nodes if node.kin]
    relays.open_(
        db,
        [(_alias(mm, node, case_id, relaying.UNKNOWN), _relay(node, case_id, relaying.UNKNOWN, at=at)) for node in kin],
    )


def _alias(mm: Matchmaker, node: Node, case_id: CaseId, other_id: str) -> str:
    return relaying.alias_of(mm, Conversation(case_id=case_id, node=node.name, other_id=other_id))


def _relay(node: Node, case_id: CaseId, other_id: str, *, at: dt.datetime) -> Relay:
    conversation = Conversation(case_id=case_id, node=node.name, other_id=other_id)
    return Relay(conversation=conversation, for_owner=False, expires_at=at + relaying.LASTS)
