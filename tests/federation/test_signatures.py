"""What a signature holds together, and that other kinds of nodes notice nothing of it."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from dataclasses import replace

import pytest
from http_message_signatures import HTTPMessageSigner, algorithms

from federation import nodes, server, signatures
from federation.client import client_of
from federation.signatures import Message
from matchmaker.actors import SYSTEM
from matchmaker.errors import Unauthorised
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import nodes as registry
from matchmaker.store import nonces
from tests.federation.asking import SPAIN, an_asker
from tests.federation.peers import answering, in_turn, peer, reset
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


def test_signed_request_is_taken_once_whichever_process_it_reaches(mm: Matchmaker) -> None:
    asker, key = an_asker(mm), signatures.key_of(mm)
    with mm.transaction() as db:
        node = registry.get(db, SPAIN)
        registry.upsert(db, replace(node, signing_key=signatures.public_key_of(mm), must_sign=True))
    message = Message.of("GET", "/mme/heartbeat", {"X-Auth-Token": asker.token})
    sent = signatures.signed(key, message, b"")
    anew = signatures.signed(key, replace(message, headers={"X-Auth-Token": asker.token}), b"")

    with closing(Matchmaker.open(mm.settings)) as other:
        there = replace(asker, app=server.create_app(other))
        answers = [
            asker.get("/mme/heartbeat", headers=sent),
            there.get("/mme/heartbeat", headers=sent),
            asker.get("/mme/heartbeat", headers=sent),
            there.get("/mme/heartbeat", headers=anew),
        ]

    assert [answer.status_code for answer in answers] == [200, 401, 401, 200]
    assert "came before" in answers[1].json["message"]  # type: ignore[index]


def test_nonce_is_kept_no_longer_than_its_signature_holds(mm: Matchmaker) -> None:
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    with mm.transaction() as db:
        used = [nonces.use(db, node, "1", until=at + signatures.LIVES) for node in (SPAIN, SPAIN, NodeName("malta"))]
        kept = nonces.forget_before(db, at + signatures.MAX_AGE + signatures.CLOCKS)
        dropped = nonces.forget_before(db, at + signatures.LIVES + dt.timedelta(seconds=1))

    assert used == [True, False, True]
    assert (kept, dropped) == (0, 2)


def test_signature_without_a_nonce_is_refused(sqlite_mm: Matchmaker) -> None:
    message = replace(MESSAGE, headers=dict(MESSAGE.headers))
    resolver = signatures._Key(private=signatures.key_of(sqlite_mm))
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=resolver)
    signer.sign(message, key_id="k", tag=signatures.TAG, covered_component_ids=signatures.COVERED, body=b"body")

    with pytest.raises(Unauthorised, match="nonce"):
        signatures.require(signatures.public_key_of(sqlite_mm), message, b"body")


def test_second_try_is_signed_anew(sqlite_mm: Matchmaker) -> None:
    with peer(in_turn(reset, answering(b'{"heartbeat": {"production": true}, "_matchmaker": {}}'))) as spain:
        register(sqlite_mm, "spain", spain.url)
        nodes.change(sqlite_mm, replace(nodes.show(sqlite_mm, SPAIN).node, kin=True), by=SYSTEM)
        found = nodes.ask_heartbeat(sqlite_mm, SPAIN, client=client_of(sqlite_mm), by=SYSTEM)

    assert found.state == "answered"
    first, second = (asked.headers["signature-input"] for asked in spain.asked)
    assert first != second


@pytest.mark.parametrize("kin", [True, False, None])
def test_only_nodes_of_our_own_kind_get_signed_requests(sqlite_mm: Matchmaker, kin: bool | None) -> None:
    said = b'{"heartbeat": {"production": true}, "_matchmaker": {}}' if kin else b'{"heartbeat": {"production": true}}'
    with peer(answering(said)) as spain:
        register(sqlite_mm, "spain", spain.url)
        known = nodes.show(sqlite_mm, NodeName("spain")).node
        nodes.change(sqlite_mm, replace(known, kin=kin), by=SYSTEM)
        nodes.ask_heartbeat(sqlite_mm, NodeName("spain"), client=client_of(sqlite_mm), by=SYSTEM)

    assert ("signature" in spain.asked[0].headers) is bool(kin)
