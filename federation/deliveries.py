"""Carrying letters: to the other node of our own kind at `/federation/messages`, and to our owners by mail."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from email.message import EmailMessage
from typing import Any

from federation import conversing, reaching, strict_json, visiting
from federation.client import client_of
from federation.deadline import Deadline
from matchmaker import audit, disclosure, letters, mail, outgoing, relaying
from matchmaker.errors import Invalid, Issue, MatchmakerError, NodeRefused, NotFound
from matchmaker.model import Case, Node
from matchmaker.service import Matchmaker
from matchmaker.store import accounts, found, matches, messages
from matchmaker.store import nodes as registry
from matchmaker.store.engine import Connection
from matchmaker.store.messages import Message, State
from matchmaker.texts import gettext as _
from matchmaker.texts import speaking

PATH = "/federation/messages"
SECONDS = 10.0
_FINAL = {404, 413, 422}  # what is refused so once is refused always
_ID = re.compile(r"[0-9A-Za-z_-]{1,32}")


def deliver(mm: Matchmaker, claimed: Message) -> State:
    """Hand one letter on, and settle it; what fails is tried again later."""
    try:
        state, error = _posted(mm, claimed) if claimed.by_us else _mailed(mm, claimed)
    except MatchmakerError as fault:
        with mm.transaction() as db:
            messages.fail(db, claimed, error=str(fault), at=_now())
        return State.WAITING
    with mm.transaction() as db:
        messages.settle(db, claimed, state=state, error=error)
    return state


def receive(mm: Matchmaker, node: Node, body: bytes) -> dict[str, Any]:
    """Take a letter that another node brings for the owner of a case of ours; the same one again is no other.

    Raises
    ------
    NotJson, Invalid, NotFound, TooOften
        NotFound when its address opens nothing to this node, or nothing any more.
    """
    said = _read(strict_json.loads(body))
    text = conversing.checked(said["text"])
    with mm.transaction() as db:
        conversation = visiting.for_node(mm, db, node, said["to"], said["from"])
        # Ids of two nodes may be the same.
        id_ = hashlib.sha256(f"{node.name}\0{said['id']}".encode()).hexdigest()[:32]
        if not any(letter.id == id_ for letter in messages.of_conversation(db, conversation)):
            conversing.take(mm, db, conversation, text, id_=id_, reply_to=said["reply_to"])
            audit.record(db, node.name, "letter received", case_id=conversation.case_id, node=node.name)
    return {"accepted": said["id"]}


def _posted(mm: Matchmaker, claimed: Message) -> tuple[State, str | None]:
    conversation = claimed.conversation
    with mm.reading() as db:
        node, token = registry.get(db, conversation.node), registry.outbound_token(db, conversation.node)
        way = reaching.route_of(mm, db, conversation)
        shared = visiting.is_shared(mm, db, conversation)
    if not node.enabled:
        raise NotFound("node that is not paused", node.name)
    if not shared:
        return State.REFUSED, "the case is not shared with that node any more"
    if not way.alias:
        return State.REFUSED, "the other node takes no letters"
    said = {
        "id": claimed.id,
        "to": way.alias,
        "from": disclosure.peer_id_of(mm, conversation.case_id, node.name),
        "reply_to": relaying.alias_of(mm, conversation),
        "text": claimed.text,
    }
    body = strict_json.dumps({"message": said})
    try:
        client_of(mm).post_beside(node, token, PATH, body, deadline=Deadline.after(SECONDS))
    except NodeRefused as refused:
        if refused.status in _FINAL:
            return State.REFUSED, "the other side takes no letters about this pair of cases any more"
        raise
    return State.DELIVERED, None


def _mailed(mm: Matchmaker, claimed: Message) -> tuple[State, str | None]:
    """Mail a letter of the other side to our owner, at an address of our own database; else the page shows it."""
    if not mail.can_send(mm.settings):
        raise mail.NotSent("no mail server is set, or it did not answer a moment ago")
    with mm.reading() as db:
        stored = found.load(db, [claimed.conversation.case_id]).get(claimed.conversation.case_id)
        to = None if stored is None else _address_of(stored.case)
        if to is None:
            return State.SHOWN, None
        link = _link(mm, db, claimed, to)
        language = accounts.language_of(db, to)
    with speaking(language):
        letter = _letter(mm, to, claimed, link)
    mail.send(mm.settings, letter)
    return State.DELIVERED, None


def _address_of(case: Case) -> str | None:
    candidates = (case.owner, case.contact.email, case.contact.mailbox)
    return next((a for a in candidates if a is not None and outgoing.is_mailbox(a)), None)


def _link(mm: Matchmaker, db: Connection, claimed: Message, owner: str) -> str:
    """The page of the match for who can sign in; for an owner without an account an alias of the owner's own side."""
    conversation = claimed.conversation
    match = matches.find(db, conversation.case_id, conversation.node, conversation.other_id)
    if match is not None and accounts.find(db, owner) is not None:
        return f"{mm.settings.base_url.rstrip('/')}/matches/{match.id}"
    return relaying.address_of(mm, relaying.alias_of(mm, conversation, for_owner=True))


def _letter(mm: Matchmaker, to: str, claimed: Message, link: str) -> EmailMessage:
    node = letters.plain(claimed.conversation.node or mm.settings.node_name)
    text = [
        _("A colleague at %(node)s wrote to you about a case of yours that resembles one there:", node=node),
        "",
        *(f"> {line}" for line in claimed.text.split("\n")),
        "",
        _("Answer here; your address is not shown, and an answer to this mail reaches nobody:"),
        f"   {link}",
        "",
        _("The letters are deleted on %(day)s.", day=claimed.expires_at.date().isoformat()),
    ]
    return letters.written(mm.settings, to, _("a colleague wrote to you"), text, key=claimed.id, at=_now())


def _read(value: Any) -> dict[str, str]:
    said = value.get("message") if isinstance(value, dict) else None
    if not isinstance(said, dict):
        remedy = 'send {"message": {"id", "to", "from", "reply_to", "text"}}'
        raise Invalid([Issue(path="message", message="is missing", remedy=remedy)])
    issues = [
        Issue(path=f"message.{name}", message="is not a text, or too long", remedy=f"at most {most:,} characters")
        for name, most in (("to", 64), ("from", 255), ("reply_to", 64), ("text", 2 * conversing.LONGEST))
        if not isinstance(said.get(name, ""), str) or len(said.get(name, "")) > most
    ]
    if not isinstance(said.get("id"), str) or not _ID.fullmatch(said["id"]):
        issues.append(Issue(path="message.id", message="is not an id", remedy="up to 32 letters and digits"))
    if issues:
        raise Invalid(issues)
    return {name: said.get(name, "") for name in ("id", "to", "from", "reply_to", "text")}


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
