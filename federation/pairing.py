"""Guided pairing: one operator invites, the other accepts, both compare four words, and the nodes exchange tokens.

Nothing is registered before our own operator has confirmed. Whoever of the two confirms last brings the tokens.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from federation import handshake, signatures, strict_json
from federation import nodes as registered
from federation.addresses import read_base_url
from federation.client import MME, client_of
from federation.deadline import Deadline
from federation.handshake import Code, Shared
from matchmaker import audit, outgoing
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import Forbidden, Invalid, Issue, NodeMisanswered, NotFound
from matchmaker.model import Node, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import nodes as registry
from matchmaker.store import pairings, tokens
from matchmaker.store.engine import Connection
from matchmaker.store.pairings import Pairing, State

PATH = "/federation/pairing"
LASTS = dt.timedelta(days=3)
SECONDS = 10.0
MOST_FAILURES = 5
_FIELDS = ("name", "url", "country", "jurisdiction", "mail", "key")
_DESCRIPTION = "description"


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
    code = Code(url=_our_url(mm), id=handshake.new_id(), secret=handshake.new_secret(), key=public)
    secrets = {"secret": _text(code.secret), "private": _text(private), "public": _text(public), "url": base_url or ""}
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
    ours = _description(mm)
    said = {
        "id": read.id,
        "step": "accept",
        "key": _text(public),
        "node": ours,
        "proof": handshake.proof(read.secret, b"accept", public, _spelled(ours)),
    }
    answer = _post(mm, Node(name=NodeName(name or "the inviting node"), base_url=read.url), said)
    theirs = _read_description(answer.get("node"))
    if not handshake.is_proof(answer.get("proof"), read.secret, b"answer", public, _spelled(theirs)):
        raise NodeMisanswered(read.url, "did not show that the invitation is its own: ask its operator for a new one")
    called = NodeName(name or theirs["name"])
    registered.check(called, base_url=theirs["url"])
    secrets = {
        "secret": _text(read.secret),
        "private": _text(private),
        "public": _text(public),
        "their_key": _text(read.key),
        _DESCRIPTION: _spelled(theirs).decode(),
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
        remedy = "if the other operator really reads other words, somebody stands between: tell both, and begin anew"
        raise Invalid([Issue(path="words", message=f"are not those of {name}", remedy=remedy)])
    with mm.transaction() as db:
        pairing = pairings.of_node(db, name, at=_now())
        if pairing.state is State.ACCEPTED:
            pairing = replace(pairing, state=State.CONFIRMED)
            pairings.change(db, pairing)
            _register(mm, db, pairing)
            audit.record(db, by, "pairing confirmed", node=name)
    return replace(met, done=_exchanged(mm, pairing))


def receive(mm: Matchmaker, body: bytes) -> dict[str, Any]:
    """Take a step of the other side.

    Raises
    ------
    NotJson, Invalid, NotFound, Forbidden
    """
    value = strict_json.loads(body)
    said = value.get("pairing") if isinstance(value, dict) else None
    if not isinstance(said, dict) or not isinstance(said.get("id"), str):
        raise Invalid([Issue(path="pairing", message="is missing", remedy='send {"pairing": {"id", "step", ...}}')])
    steps = {"accept": _accepted, "ready": _is_ready, "finish": _finished}
    step = steps.get(str(said.get("step")))
    if step is None:
        raise Invalid([Issue(path="pairing.step", message="is not known", remedy="one of " + ", ".join(steps))])
    with mm.transaction() as db:
        pairing = pairings.get(db, said["id"], at=_now())
        answer = step(mm, db, pairing, said)
        if answer is None:
            pairings.change(db, replace(pairing, failures=pairing.failures + 1))
    if answer is None:  # outside of the transaction, which keeps the count
        raise Forbidden("pair: what came does not fit the invitation")
    return answer


def _accepted(mm: Matchmaker, db: Connection, pairing: Pairing, said: dict[str, Any]) -> dict[str, Any] | None:
    """Somebody accepted our invitation; a code is good once, and for the node that it was made for."""
    secret = _bytes(pairing.secrets["secret"])
    key, theirs = _bytes(said.get("key")), _read_description(said.get("node"))
    used = pairing.state is not State.INVITED or pairing.failures >= MOST_FAILURES
    if used or not handshake.is_proof(said.get("proof"), secret, b"accept", key, _spelled(theirs)):
        return None
    if pairing.secrets["url"] not in {"", theirs["url"]}:
        return None
    secrets = {**pairing.secrets, "their_key": _text(key), _DESCRIPTION: _spelled(theirs).decode()}
    met = replace(pairing, state=State.ACCEPTED, secrets=secrets)
    _shared(mm, met)  # a key that is none is refused before it is kept
    pairings.change(db, met)
    audit.record(db, pairing.name, "invitation accepted", node=pairing.name)
    ours = _description(mm)
    return {"node": ours, "proof": handshake.proof(secret, b"answer", key, _spelled(ours))}


def _is_ready(mm: Matchmaker, db: Connection, pairing: Pairing, said: dict[str, Any]) -> dict[str, Any] | None:
    if pairing.state is State.INVITED or _shared(mm, pairing).open(str(said.get("sealed")), what="ready") is None:
        return None
    return {"ready": pairing.state in {State.CONFIRMED, State.DONE}}


def _finished(mm: Matchmaker, db: Connection, pairing: Pairing, said: dict[str, Any]) -> dict[str, Any] | None:
    """The other side confirmed, and brings the token with which we may ask it; it gets one of ours."""
    if pairing.state not in {State.CONFIRMED, State.DONE}:
        return None
    shared = _shared(mm, pairing)
    token = shared.open(str(said.get("sealed")), what="token")
    if token is None:
        return None
    registry.upsert(db, registry.get(db, pairing.name), token=token)
    ours = tokens.issue(db, pairing.name, at=_now())
    pairings.change(db, replace(pairing, state=State.DONE))
    audit.record(db, pairing.name, "node paired", node=pairing.name)
    return {"sealed": shared.seal(ours, what="token in return")}


def _exchanged(mm: Matchmaker, pairing: Pairing) -> bool:
    """Exchange tokens, if the other operator has confirmed too; what is done already stays done."""
    if pairing.state is State.DONE:
        return True
    shared = _shared(mm, pairing)
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
    says = _says(pairing)
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
    words = _shared(mm, pairing).words
    return Met(name=pairing.name, says=_says(pairing), words=words, done=pairing.state is State.DONE)


def _says(pairing: Pairing) -> dict[str, str]:
    return _read_description(strict_json.loads(pairing.secrets[_DESCRIPTION].encode()))


def _shared(mm: Matchmaker, pairing: Pairing) -> Shared:
    secrets = pairing.secrets
    ours, theirs = (
        (_bytes(secrets["public"]), _spelled(_description(mm))),
        (
            _bytes(secrets["their_key"]),
            secrets[_DESCRIPTION].encode(),
        ),
    )
    first, second = (ours, theirs) if secrets["inviter"] else (theirs, ours)
    transcript = b"".join(len(part).to_bytes(4, "big") + part for part in (pairing.id.encode(), *first, *second))
    return handshake.share(
        _bytes(secrets["private"]), theirs[0], secret=_bytes(secrets["secret"]), transcript=transcript
    )


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


def _description(mm: Matchmaker) -> dict[str, str]:
    settings = mm.settings
    return {
        "name": settings.node_name,
        "url": _our_url(mm),
        "country": settings.country,
        "jurisdiction": settings.jurisdiction,
        "mail": settings.operator_mail or settings.mailbox,
        "key": signatures.public_key_of(mm),
    }


def _read_description(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Invalid([Issue(path="pairing.node", message="is missing", remedy="say which node you are")])
    found = {name: value.get(name, "") for name in _FIELDS}
    if any(not isinstance(text, str) or len(text) > 255 or not text.isprintable() for text in found.values()):
        raise Invalid([Issue(path="pairing.node", message="holds what is no short text", remedy="send short texts")])
    registered.check(NodeName("x"), base_url=found["url"], country=found["country"] or None)
    return found


def _our_url(mm: Matchmaker) -> str:
    return mm.settings.base_url.rstrip("/") + MME


def _spelled(description: Mapping[str, str]) -> bytes:
    return strict_json.dumps({name: description[name] for name in _FIELDS})


def _text(binary: bytes) -> str:
    return base64.b64encode(binary).decode()


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        return b""


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
