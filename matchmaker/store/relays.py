"""Aliases that open a conversation about two cases, each until a moment; only their SHA-256 is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from matchmaker.model import CaseId, NodeName
from matchmaker.store import dialects
from matchmaker.store.exchange_tables import relays


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Who writes about what: our case, and a case of a node, or of ours when `node` is empty."""

    case_id: CaseId
    node: NodeName
    other_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """What an alias opens, and for which side."""

    conversation: Conversation
    for_owner: bool
    expires_at: dt.datetime


def open_(db: Connection, aliases: Sequence[tuple[str, Relay]]) -> None:
    """Let aliases open conversations; one that is open already gets the later end."""
    if not aliases:
        return
    rows = [
        {
            "alias_key": _key(alias),
            "case_id": relay.conversation.case_id,
            "node": relay.conversation.node,
            "other_id": relay.conversation.other_id,
            "for_owner": relay.for_owner,
            "expires_at": relay.expires_at,
        }
        for alias, relay in aliases
    ]
    statement = dialects.insert(db, relays)
    later = {"expires_at": statement.excluded.expires_at}
    opened = statement.on_conflict_do_update(index_elements=[relays.c.alias_key], set_=later)
    # One order for all writers, so that two answers about the same cases cannot wait for each other.
    db.execute(opened, sorted(rows, key=lambda row: str(row["alias_key"])))


def find(db: Connection, alias: str, *, at: dt.datetime) -> Relay | None:
    """Return what an alias opens now; None when it opens nothing, or nothing any more."""
    row = db.execute(select(relays).where(relays.c.alias_key == _key(alias), relays.c.expires_at > at)).first()
    if row is None:
        return None
    conversation = Conversation(case_id=CaseId(row.case_id), node=NodeName(row.node), other_id=row.other_id)
    return Relay(conversation=conversation, for_owner=row.for_owner, expires_at=row.expires_at)


def forget_other(db: Connection, node: NodeName, other_id: str) -> int:
    """Close the conversations about a case of a node; return how many aliases there were."""
    return db.execute(delete(relays).where(relays.c.node == node, relays.c.other_id == other_id)).rowcount


def forget_before(db: Connection, moment: dt.datetime) -> int:
    """Drop aliases that ended before; return how many."""
    return db.execute(delete(relays).where(relays.c.expires_at < moment)).rowcount


def _key(alias: str) -> str:
    return hashlib.sha256(alias.encode("utf-8", "surrogatepass")).hexdigest()
