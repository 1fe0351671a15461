"""Guided pairing: one operator invites, the other accepts, both compare four words, and the nodes exchange tokens.

Nothing is registered before our own operator has confirmed. Whoever of the two confirms last brings the tokens.
These are our operator's steps; `federation.paired` answers those of the other side.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from federation import handshake, introduction, signatures, strict_json
from federation import nodes as registered
from federation.addresses import read_base_url
from federation.client import client_of
from federation.deadline import Deadline
from federation.handshake import Code
from matchmaker import audit, outgoing
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import Invalid, Issue, NodeMisanswered, NotFound
from matchmaker.model import Node, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import nodes as registry
from matchmaker.store import pairings, tokens
from matchmaker.store.engine import Connection
from matchmaker.store.pairings import Pairing, State
from matchmaker.texts import gettext as _

PATH = "/federation/pairing"
LASTS = dt.timedelta(days=3)
SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """The other node as it describes itself, and the words to compare; `done` once tokens are exchanged."""

    name: NodeName
    says: Mapping[str, str]
    words: str
    done: bool = False


def invite(mm: Matchmaker, name: NodeName, *, base_url: str | None = None, by: User) -> str:
    """Make a code with which one node may pair with us within three days; `base_url` lets in only the node there.

    Raises
    ------
    Invalid
        When the name or the address cannot be one.
    """
    require(by, Action.MANAGE_NODES)
    registered.check(name, base_url=base_url)
    private, public = handshake.new_key()
    code = Code(url=introduction.our_url(mm), id=handshake.new_id(), secret=handshake.new_secret(), key=public)
    secrets = {
        "secret": handshake.to_text(code.secret),
        "private": handshake.to_text(private),
        "public": handshake.to_text(public),
        "url": base_url or "",
    }
    pairing = Pairing(
        id=code.id, name=name, state=State.INVITED, expires_at=_now() + LASTS, secrets={**secrets, "inviter": "yes"}
    )
    with mm.transaction() as db:
        pairings.add(db, pairing)
        audit.record(db, by, "node invited", node=name)
    return str(code)


def accept(mm: Matchmaker, code: str, *, name: str | None = None, by: User) -> Met:
    """Meet the node that a code came from; it is called `name` here, or as it calls itself.

    Raises
    ------
    Invalid, NodeError
        When the code is none, or used up, or its node cannot be reached.
    """
    require(by, Action.MANAGE_NODES)
    read = Code.read(code)
    read_base_url(read.url)
    private, public = handshake.new_key()
    ours = introduction.description(mm)
    said = {
        "id": read.id,
        "step": "accept",
        "key": handshake.to_text(public),
        "node": ours,
        "proof": handshake.proof(read.secret, b"accept", public, introduction.spelled(ours)),
    }
    answer = _post(mm, Node(name=NodeName(name or "the inviting node"), base_url=read.url), said)
    try:
        theirs = introduction.read_description(answer.get("node"))
    except Invalid as error:
        raise NodeMisanswered(read.url, "did not say which node it is: ask its operator") from error
    if not handshake.is_proof(answer.get("proof"), read.secret, b"answer", public, introduction.spelled(theirs)):
        raise NodeMisanswered(read.url, "did not show that the invitation is its own: ask its operator for a new one")
    called = NodeName(name or theirs["name"])
    registered.check(called, base_url=theirs["url"])
    secrets = {
        "secret": handshake.to_text(read.secret),
        "private": handshake.to_text(private),
        "public": handshake.to_text(public),
        "their_key": handshake.to_text(read.key),
        introduction.DESCRIPTION: introduction.spelled(theirs).decode(),
        "inviter": "",
    }
    pairing = Pairing(id=read.id, name=called, state=State.ACCEPTED, expires_at=_now() + LASTS, secrets=secrets)
    with mm.transaction() as db:
        pairings.add(db, pairing)
        audit.record(db, by, "invitation accepted", node=called)
    return _met(mm, pairing)


def meet(mm: Matchmaker, name: NodeName, *, by: User) -> Met:
    """Return what the other node says of itself, and the words that both operators compare.

    Raises
    ------
    NotFound
        When there is no pairing with it, or nobody has accepted yet.
    """
    require(by, Action.MANAGE_NODES)
    with mm.reading() as db:
        pairing = pairings.of_node(db, name, at=_now())
    if pairing.state is State.INVITED:
        raise NotFound("answer yet to the invitation of", name)
    return _met(mm, pairing)


def confirm(mm: Matchmaker, name: NodeName, *, words: str, by: User) -> Met:
    """Say that the other operator read these very words; when both have, the nodes exchange their tokens.

    Raises
    ------
    Invalid
        When they are other words: somebody stands between the two nodes, and nothing is exchanged.
    NodeError
        When the other node cannot be reached; confirm again later.
    """
    met = meet(mm, name, by=by)
    if "-".join(words.lower().replace("-", " ").split()) != met.words:
        remedy = _("if the other operator really reads other words, somebody stands between: tell both, and begin anew")
        raise Invalid([Issue(path="words", message=_("are not those of %(name)s", name=name), remedy=remedy)])
    with mm.transaction() as db:
        pairing = pairings.of_node(db, name, at=_now())
        if pairing.state is State.ACCEPTED:
            pairing = replace(pairing, state=State.CONFIRMED)
            pairings.change(db, pairing)
            _register(mm, db, pairing)
            audit.record(db, by, "pairing confirmed", node=name)
    return replace(met, done=_exchanged(mm, pairing))


def _exchanged(mm: Matchmaker, pairing: Pairing) -> bool:
    """Exchange tokens, if the other operator has confirmed too; what is done already stays done."""
    if pairing.state is State.DONE:
        return True
    shared = introduction.shared(mm, pairing)
    with mm.reading() as db:
        node = registry.get(db, pairing.name)
    ready = _post(mm, node, {"id": pairing.id, "step": "ready", "sealed": shared.seal("", what="ready")})
    if ready.get("ready") is not True:
        return False
    with mm.transaction() as db:
        token = tokens.issue(db, pairing.name, at=_now())
    answer = _post(mm, node, {"id": pairing.id, "step": "finish", "sealed": shared.seal(token, what="token")})
    theirs = shared.open(str(answer.get("sealed")), what="token in return")
    if theirs is None:
        raise NodeMisanswered(pairing.name, "did not send its token: confirm again")
    with mm.transaction() as db:
        registry.upsert(db, registry.get(db, pairing.name), token=theirs)
        pairings.change(db, replace(pairing, state=State.DONE))
        audit.record(db, pairing.name, "node paired", node=pairing.name)
    return True


def _register(mm: Matchmaker, db: Connection, pairing: Pairing) -> None:
    """Put what our operator confirmed into the registry; a node that was there keeps what the pairing does not say."""
    says = introduction.says(pairing)
    known = next((node for node in registry.list_(db) if node.name == pairing.name), Node(name=pairing.name))
    node = replace(
        known,
        base_url=says["url"],
        country=says["country"] or known.country,
        jurisdiction=says["jurisdiction"] or known.jurisdiction,
        operator_mail=says["mail"] if outgoing.is_mailbox(says["mail"]) else known.operator_mail,
        signing_key=says["key"] if signatures.is_key(says["key"]) else known.signing_key,
        kin=True,
        enabled=True,
    )
    registry.upsert(db, node)


def _met(mm: Matchmaker, pairing: Pairing) -> Met:
    words = introduction.shared(mm, pairing).words
    return Met(name=pairing.name, says=introduction.says(pairing), words=words, done=pairing.state is State.DONE)


def _post(mm: Matchmaker, node: Node, said: dict[str, Any]) -> dict[str, Any]:
    body = strict_json.dumps({"pairing": said})
    answer = client_of(mm).post_beside(node, None, PATH, body, deadline=Deadline.after(SECONDS))
    try:
        told = strict_json.loads(answer.body)
    except Invalid as error:
        raise NodeMisanswered(node.name, "its answer is not JSON: is it a node of our own kind?") from error
    if not isinstance(told, dict):
        raise NodeMisanswered(node.name, "its answer is no pairing")
    return told


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
