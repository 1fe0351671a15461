"""Answering another node that pairs with us: it accepts our invitation, asks whether we are ready, and finishes.

Whatever does not fit the invitation is counted, and answered all alike.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from federation import handshake, introduction, strict_json
from matchmaker import audit
from matchmaker.errors import Forbidden, Invalid, Issue
from matchmaker.service import Matchmaker
from matchmaker.store import nodes as registry
from matchmaker.store import pairings, tokens
from matchmaker.store.engine import Connection
from matchmaker.store.pairings import Pairing, State

MOST_FAILURES = 5


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
    secret = handshake.from_text(pairing.secrets["secret"])
    key, theirs = handshake.from_text(said.get("key")), introduction.read_description(said.get("node"))
    used = pairing.state is not State.INVITED or pairing.failures >= MOST_FAILURES
    if used or not handshake.is_proof(said.get("proof"), secret, b"accept", key, introduction.spelled(theirs)):
        return None
    if pairing.secrets["url"] not in {"", theirs["url"]}:
        return None
    secrets = {
        **pairing.secrets,
        "their_key": handshake.to_text(key),
        introduction.DESCRIPTION: introduction.spelled(theirs).decode(),
    }
    met = replace(pairing, state=State.ACCEPTED, secrets=secrets)
    introduction.shared(mm, met)  # a key that is none is refused before it is kept
    pairings.change(db, met)
    audit.record(db, pairing.name, "invitation accepted", node=pairing.name)
    ours = introduction.description(mm)
    return {"node": ours, "proof": handshake.proof(secret, b"answer", key, introduction.spelled(ours))}


def _is_ready(mm: Matchmaker, db: Connection, pairing: Pairing, said: dict[str, Any]) -> dict[str, Any] | None:
    if (
        pairing.state is State.INVITED
        or introduction.shared(mm, pairing).open(str(said.get("sealed")), what="ready") is None
    ):
        return None
    return {"ready": pairing.state in {State.CONFIRMED, State.DONE}}


def _finished(mm: Matchmaker, db: Connection, pairing: Pairing, said: dict[str, Any]) -> dict[str, Any] | None:
    """The other side confirmed, and brings the token with which we may ask it; it gets one of ours."""
    if pairing.state not in {State.CONFIRMED, State.DONE}:
        return None
    shared = introduction.shared(mm, pairing)
    token = shared.open(str(said.get("sealed")), what="token")
    if token is None:
        return None
    registry.upsert(db, registry.get(db, pairing.name), token=token)
    ours = tokens.issue(db, pairing.name, at=_now())
    pairings.change(db, replace(pairing, state=State.DONE))
    audit.record(db, pairing.name, "node paired", node=pairing.name)
    return {"sealed": shared.seal(ours, what="token in return")}


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
