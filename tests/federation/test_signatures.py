"""What a signature holds together, and that other kinds of nodes notice nothing of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from federation import nodes, signatures
from federation.client import client_of
from federation.signatures import Message
from matchmaker.actors import SYSTEM
from matchmaker.errors import Unauthorised
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from tests.federation.peers import answering, peer
from tests.federation.worlds import register

MESSAGE = Message.of("POST", "/mme/match", {"X-Auth-Token": "a token", "Accept": "application/json"})


@pytest.fixture
def headers(sqlite_mm: Matchmaker) -> dict[str, str]:
    return signatures.signed(signatures.key_of(sqlite_mm), replace(MESSAGE, headers=dict(MESSAGE.headers)), b"body")


def test_request_is_taken_as_it_was_signed(sqlite_mm: Matchmaker, headers: dict[str, str]) -> None:
    signatures.require(signatures.public_key_of(sqlite_mm), replace(MESSAGE, headers=headers), b"body")


@pytest.mark.parametrize("what", ["method", "path", "token", "body", "signature", "digest", "nothing", "key"])
def test_request_that_was_changed_is_refused(sqlite_mm: Matchmaker, headers: dict[str, str], what: str) -> None:
    key, body = signatures.public_key_of(sqlite_mm), b"other body" if what == "body" else b"body"
    changed = {
        "method": Message.of("PUT", "/mme/match", headers),
        "path": Message.of("POST", "/mme/metrics", headers),
        "token": Message.of("POST", "/mme/match", {**headers, "X-Auth-Token": "another"}),
        "signature": Message.of("POST", "/mme/match", {**headers, "Signature": "matchmaker=:AAAA:"}),
        "digest": Message.of("POST", "/mme/match", {**headers, "Content-Digest": "sha-256=:AAAA:"}),
        "nothing": MESSAGE,
    }

    with pytest.raises(Unauthorised):
        signatures.require(
            "" if what == "key" else key, changed.get(what, Message.of("POST", "/mme/match", headers)), body
        )


@pytest.mark.parametrize("kin", [True, False, None])
def test_only_nodes_of_our_own_kind_get_signed_requests(sqlite_mm: Matchmaker, kin: bool | None) -> None:
    said = b'{"heartbeat": {"production": true}, "_matchmaker": {}}' if kin else b'{"heartbeat": {"production": true}}'
    with peer(answering(said)) as spain:
        register(sqlite_mm, "spain", spain.url)
        known = nodes.show(sqlite_mm, NodeName("spain")).node
        nodes.change(sqlite_mm, replace(known, kin=kin), by=SYSTEM)
        nodes.ask_heartbeat(sqlite_mm, NodeName("spain"), client=client_of(sqlite_mm), by=SYSTEM)

    assert ("signature" in spain.asked[0].headers) is bool(kin)
