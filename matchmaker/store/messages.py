"""Letters between the clinicians of two cases, sealed; delivered like work, and deleted when their time is over."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from matchmaker.model import CaseId, NodeName
from matchmaker.store import dialects, leasing
from matchmaker.store.engine import keys_of
from matchmaker.store.exchange_tables import messages
from matchmaker.store.relays import Conversation
from matchmaker.store.tables import AnyRow
from matchmaker.store.work import delay_after


class State(StrEnum):
    WAITING = "waiting"  # to be delivered to the other node, or mailed to the owner
    DELIVERED = "delivered"
    SHOWN = "shown"  # on the page alone: there is nobody to deliver it to
    REFUSED = "refused"  # the other side takes no letters any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One letter; `author` is who wrote it here, `reply_to` the alias under which the other node takes an answer."""

    id: str
    conversation: Conversation
    by_us: bool
    at: dt.datetime
    text: str
    author: str = ""
    reply_to: str = ""
    state: State = State.WAITING
    expires_at: dt.datetime
    attempts: int = 0
    last_error: str | None = None
    lease: str = ""


def new_id() -> str:
    """Return an id for a letter that is written here."""
    return secrets.token_hex(16)


def add(db: Connection, message: Message) -> bool:
    """Keep a letter; False when it came before."""
    said = json.dumps({"text": message.text, "author": message.author, "reply_to": message.reply_to})
    row = {
        "id": message.id,
        "case_id": message.conversation.case_id,
        "node": message.conversation.node,
        "other_id": message.conversation.other_id,
        "by_us": message.by_us,
        "at": message.at,
        "sealed": keys_of(db).seal(said.encode(), context=_context(message.id)),
        "state": message.state,
        "expires_at": message.expires_at,
        "due_at": message.at,
        "attempts": 0,
    }
    added = dialects.insert(db, messages).on_conflict_do_nothing().returning(messages.c.id)
    return db.execute(added, row).first() is not None


def of_conversation(db: Connection, conversation: Conversation) -> list[Message]:
    """Return the letters of a conversation, oldest first."""
    query = select(messages).where(_about(conversation)).order_by(messages.c.at, messages.c.id)
    return [_message(db, row) for row in db.execute(query)]


def n_since(db: Connection, conversation: Conversation, moment: dt.datetime, *, by_us: bool) -> int:
    """Count the letters of one side since then."""
    of_side = _about(conversation) & (messages.c.by_us == by_us) & (messages.c.at >= moment)
    return db.scalar(select(func.count()).select_from(messages).where(of_side)) or 0


def claim(db: Connection, *, at: dt.datetime, limit: int = 1) -> list[Message]:
    """Take what is due and free, the oldest first."""
    rows = leasing.take(db, messages, at=at, limit=limit, where=messages.c.state == State.WAITING)
    return [_message(db, row) for row in rows]


def settle(db: Connection, claimed: Message, *, state: State, error: str | None = None) -> bool:
    """Remember what became of a letter; False when it is another worker's by now."""
    done = {"state": state, "lease": None, "lease_until": None, "last_error": None if error is None else error[:200]}
    return db.execute(update(messages).where(_held(claimed)).values(**done)).rowcount == 1


def fail(db: Connection, claimed: Message, *, error: str, at: dt.datetime) -> None:
    """Free a letter for later."""
    later = {"due_at": at + delay_after(claimed.attempts), "lease": None, "lease_until": None}
    db.execute(update(messages).where(_held(claimed)).values(**later, last_error=error[:200]))


def forget_other(db: Connection, node: NodeName, other_id: str) -> int:
    """Delete all letters about a case of a node; return how many."""
    return db.execute(delete(messages).where(messages.c.node == node, messages.c.other_id == other_id)).rowcount


def forget_before(db: Connection, moment: dt.datetime) -> int:
    """Delete letters whose time ended before; return how many."""
    return db.execute(delete(messages).where(messages.c.expires_at < moment)).rowcount


def _about(conversation: Conversation) -> ColumnElement[bool]:
    of_pair = (messages.c.case_id == conversation.case_id) & (messages.c.node == conversation.node)
    return of_pair & (messages.c.other_id == conversation.other_id)


def _held(claimed: Message) -> ColumnElement[bool]:
    return (messages.c.id == claimed.id) & (messages.c.lease == claimed.lease)


def _message(db: Connection, row: AnyRow) -> Message:
    said = json.loads(keys_of(db).open(row.sealed, context=_context(row.id)))
    return Message(
        id=row.id,
        conversation=Conversation(case_id=CaseId(row.case_id), node=NodeName(row.node), other_id=row.other_id),
        by_us=row.by_us,
        at=row.at,
        text=said["text"],
        author=said["author"],
        reply_to=said["reply_to"],
        state=State(row.state),
        expires_at=row.expires_at,
        attempts=row.attempts,
        last_error=row.last_error,
        lease=row.lease or "",
    )


def _context(message_id: str) -> str:
    return f"message {message_id}"
