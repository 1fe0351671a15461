import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation import nodes
from federation.breaker import Breaker
from federation.client import client_of
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.errors import Forbidden, Invalid, NotFound
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import nodes as registry
from matchmaker.store import tokens
from tests.federation import peers
from tests.federation.asking import SPAIN, an_asker
from tests.federation.peers import answering, peer
from tests.federation.worlds import our_node, register

PEER = NodeName("Peer")
URL = "https://peer.example/mme"


@pytest.fixture
def mm(tmp_path: Path) -> Iterator[Matchmaker]:
    with our_node(tmp_path / "home") as mm:
        yield mm


def beat(*accept: str) -> bytes:
    return json.dumps({"heartbeat": {"production": False, "version": "Peer 2.0", "accept": accept}}).encode()


def token_of(mm: Matchmaker) -> str | None:
    with mm.reading() as db:
        return registry.outbound_token(db, PEER)


def asker(mm: Matchmaker, token: str) -> str | None:
    with mm.reading() as db:
        node = tokens.node_of_token(db, token, at=dt.datetime.now(dt.UTC))
    return None if node is None else node.name


def test_added_node_is_listed_and_its_token_is_not_shown(mm: Matchmaker) -> None:
    nodes.add(mm, PEER, base_url=URL, token="canary-token", country="es", by=SYSTEM)

    (node,) = nodes.list_(mm)
    assert (node.name, node.base_url, node.country, node.enabled) == (PEER, URL, "ES", True)
    assert token_of(mm) == "canary-token"
    assert "canary" not in repr(nodes.show(mm, PEER))


def test_token_of_a_peer_is_not_in_the_database_in_clear_text(mm: Matchmaker, tmp_path: Path) -> None:
    nodes.add(mm, PEER, base_url=URL, token="canary-outbound", by=SYSTEM)
    issued = nodes.issue_token(mm, PEER, by=SYSTEM)
    mm.close()

    stored = b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file())
    assert b"canary-outbound" not in stored
    assert issued.encode() not in stored


def test_adding_again_changes_what_is_given_and_keeps_the_rest(mm: Matchmaker) -> None:
    nodes.add(mm, PEER, base_url=URL, token="first", country="ES", by=SYSTEM)
    nodes.learn_version(mm, PEER, "1.1")
    kept = nodes.add(mm, PEER, base_url=URL, by=SYSTEM)
    moved = nodes.add(mm, PEER, base_url="https://new.example/mme", token="second", by=SYSTEM)

    assert (kept.country, kept.version) == ("ES", "1.1")
    assert (moved.country, moved.version) == ("ES", None)  # another address may speak another version
    assert token_of(mm) == "second"


@pytest.mark.parametrize(
    ("name", "url", "token", "country"),
    [
        ("", URL, None, None),
        ("../../etc/passwd", URL, None, None),
        (".hidden", URL, None, None),
        ("a" * 101, URL, None, None),
        ("two\nlines", URL, None, None),
        ("Peer", "peer.example", None, None),
        ("Peer", "https://me:pass@peer.example/mme", None, None),
        ("Peer", URL, "with space", None),
        ("Peer", URL, "", None),
        ("Peer", URL, None, "Spain"),
    ],
)
def test_node_that_cannot_be_is_refused_with_a_remedy_and_nothing_is_stored(
    mm: Matchmaker, name: str, url: str, token: str | None, country: str | None
) -> None:
    with pytest.raises(Invalid) as caught:
        nodes.add(mm, NodeName(name), base_url=url, token=token, country=country, by=SYSTEM)

    assert all(issue.remedy for issue in caught.value.issues)
    assert nodes.list_(mm) == []


def test_issued_token_opens_the_door_for_its_node_and_registers_an_unknown_one(mm: Matchmaker) -> None:
    token = nodes.issue_token(mm, PEER, by=SYSTEM)

    assert len(token) >= 43  # 256 bits in base64
    assert asker(mm, token) == PEER
    assert asker(mm, token + "x") is None


def test_two_tokens_live_at_once_and_the_third_ends_the_first(mm: Matchmaker) -> None:
    first, second, third = (nodes.issue_token(mm, PEER, by=SYSTEM) for _ in range(3))

    assert [asker(mm, token) for token in (first, second, third)] == [None, PEER, PEER]


def test_disabled_node_may_not_ask_until_it_is_enabled_again(mm: Matchmaker) -> None:
    token = nodes.issue_token(mm, PEER, by=SYSTEM)
    nodes.disable(mm, PEER, by=SYSTEM)
    paused = asker(mm, token)
    nodes.enable(mm, PEER, by=SYSTEM)

    assert (paused, asker(mm, token)) == (None, PEER)


def test_removed_node_is_gone_with_its_tokens(mm: Matchmaker) -> None:
    token = nodes.issue_token(mm, PEER, by=SYSTEM)
    nodes.remove(mm, PEER, by=SYSTEM)

    assert asker(mm, token) is None
    assert nodes.list_(mm) == []
    for use_case in (nodes.remove, nodes.enable, nodes.disable):
        with pytest.raises(NotFound):
            use_case(mm, PEER, by=SYSTEM)


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.CURATOR, Role.AUDITOR])
def test_only_operators_change_the_registry(mm: Matchmaker, role: Role) -> None:
    user = User(email="somebody@ours.example", role=role)
    register(mm, "Peer", URL)

    for use_case in (nodes.issue_token, nodes.enable, nodes.disable, nodes.remove):
        with pytest.raises(Forbidden):
            use_case(mm, PEER, by=user)
    with pytest.raises(Forbidden):
        nodes.add(mm, PEER, base_url=URL, by=user)


def test_heartbeat_is_read_recorded_and_teaches_the_version(mm: Matchmaker) -> None:
    with peer(answering(beat(peers.V10, peers.V11), media_type="application/json")) as there:
        register(mm, "Peer", there.url)
        found = nodes.ask_heartbeat(mm, PEER, client=client_of(mm), by=SYSTEM)

    assert (found.state, found.production, found.software) == ("answered", False, "Peer 2.0")
    assert found.accept == (peers.V10, peers.V11)
    assert there.asked[0].headers["x-auth-token"] == "secret"
    standing = nodes.show(mm, PEER)
    assert standing.node.version == "1.1"
    assert [(call.kind, call.status) for call in standing.latest] == [("heartbeat", "answered")]


def test_version_that_a_node_refused_is_not_learned_again_from_its_heartbeat(mm: Matchmaker) -> None:
    with peer(answering(beat(peers.V10, peers.V11))) as there:
        register(mm, "Peer", there.url)
        nodes.learn_version(mm, PEER, "1.0")
        nodes.ask_heartbeat(mm, PEER, client=client_of(mm), by=SYSTEM)

    assert nodes.show(mm, PEER).node.version == "1.0"


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [b"", b"pong", b"[]", b"null", b'{"heartbeat": null}', b'{"heartbeat": [NaN]}', b"[" * 100_000],
    ids=["empty", "bare word", "list", "null", "no heartbeat", "NaN", "deep"],
)
def test_heartbeat_that_is_none_is_invalid(mm: Matchmaker, body: bytes) -> None:
    with peer(answering(body)) as there:
        register(mm, "Peer", there.url)
        found = nodes.ask_heartbeat(mm, PEER, client=client_of(mm), by=SYSTEM)

    assert found.state == "invalid"
    assert found.error


def test_heartbeat_with_odd_fields_is_read_as_far_as_it_goes(mm: Matchmaker) -> None:
    body = json.dumps({"heartbeat": {"production": "yes", "version": 2, "accept": [1, "x" * 5000]}}).encode()
    with peer(answering(body)) as there:
        register(mm, "Peer", there.url)
        found = nodes.ask_heartbeat(mm, PEER, client=client_of(mm), by=SYSTEM)

    assert (found.state, found.production, found.software) == ("answered", None, None)
    assert [len(text) for text in found.accept] == [nodes.MAX_TEXT]


def test_node_that_fails_five_times_is_shown_with_an_open_breaker_and_closed_again_by_a_heartbeat(
    mm: Matchmaker,
) -> None:
    with peer(peers.in_turn(*[peers.garbage] * 5, answering(beat()))) as there:
        register(mm, "Peer", there.url)
        for _ in range(5):
            assert nodes.ask_heartbeat(mm, PEER, client=client_of(mm), by=SYSTEM).state == "invalid"
        failing = nodes.show(mm, PEER).breaker
        nodes.ask_heartbeat(mm, PEER, client=client_of(mm), by=SYSTEM)

    assert failing is Breaker.OPEN
    assert nodes.show(mm, PEER).breaker is Breaker.CLOSED


def test_pause_and_removal_hold_at_once_in_every_process(mm: Matchmaker) -> None:
    other_process = Matchmaker(mm.settings, mm.keys)
    asker = an_asker(other_process, SPAIN)
    assert asker.get("/mme/heartbeat").status_code == 200

    nodes.disable(mm, SPAIN, by=SYSTEM)
    assert asker.get("/mme/heartbeat").status_code == 401
    nodes.enable(mm, SPAIN, by=SYSTEM)
    assert asker.get("/mme/heartbeat").status_code == 200
    nodes.remove(mm, SPAIN, by=SYSTEM)
    assert asker.get("/mme/heartbeat").status_code == 401
    other_process.close()
