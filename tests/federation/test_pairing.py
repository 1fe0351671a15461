"""Two operators pair their nodes by an invitation, over two real nodes; whoever stands between is noticed."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from federation import handshake, introduction, nodes, paired, pairing
from federation.client import client_of
from federation.deadline import Deadline
from federation.handshake import Code
from federation.media_type import JSON
from federation.outcomes import State
from federation.search import ask_all
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.errors import Forbidden, Invalid, NodeRefused, NotFound
from matchmaker.model import Node, NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import nodes as registry
from tests import empty_tables
from tests.federation.loopback import serving
from tests.federation.test_case_notices import an_asker_beside
from tests.federation.worlds import a_case

SPAIN, IRELAND = NodeName("Spain"), NodeName("Ireland")
Served = dict[str, Matchmaker]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Three nodes that answer at the address that they say is theirs."""
    with ExitStack() as stack:
        there: Served = {}
        for name, country in (("Ireland", "IE"), ("Spain", "ES"), ("Mallory", "XX")):
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            settings = Settings(
                home=empty_tables.in_home(tmp_path / name),
                node_name=name,
                country=country,
                base_url=f"http://127.0.0.1:{port}",
                mailbox=f"operator@{name.lower()}.example.org",
            )
            there[name] = stack.enter_context(closing(Matchmaker.create(settings)))
            stack.enter_context(serving(there[name], port=port))
        yield there


def url_of(mm: Matchmaker) -> str:
    return f"{mm.settings.base_url}/mme"


@pytest.mark.slow
def test_two_nodes_are_paired_when_both_operators_have_compared_the_words(served: Served) -> None:
    ireland, spain = served["Ireland"], served["Spain"]
    code = pairing.invite(ireland, SPAIN, base_url=url_of(spain), by=SYSTEM)
    at_spain = pairing.accept(spain, code, by=SYSTEM)
    at_ireland = pairing.meet(ireland, SPAIN, by=SYSTEM)
    assert at_spain.words == at_ireland.words
    assert nodes.list_(ireland) == nodes.list_(spain) == []

    assert not pairing.confirm(spain, IRELAND, words=at_spain.words, by=SYSTEM).done
    assert pairing.confirm(ireland, SPAIN, words=at_ireland.words.replace("-", " ").upper(), by=SYSTEM).done

    for mm, name, country in ((ireland, SPAIN, "ES"), (spain, IRELAND, "IE")):
        node = nodes.show(mm, name).node
        assert (node.country, node.jurisdiction, node.kin) == (country, "EEA", True)
        assert node.operator_mail == f"operator@{name.lower()}.example.org"
        assert nodes.ask_heartbeat(mm, name, client=client_of(mm), by=SYSTEM).state == "answered"
    assert pairing.confirm(spain, IRELAND, words=at_spain.words, by=SYSTEM).done


@pytest.mark.slow
def test_whoever_stands_between_two_nodes_has_other_words_with_each_and_gets_no_token(served: Served) -> None:
    ireland, spain, mallory = served["Ireland"], served["Spain"], served["Mallory"]
    pairing.accept(mallory, pairing.invite(ireland, SPAIN, by=SYSTEM), by=SYSTEM)
    pairing.accept(spain, pairing.invite(mallory, SPAIN, by=SYSTEM), name="Ireland", by=SYSTEM)

    at_ireland, at_spain = pairing.meet(ireland, SPAIN, by=SYSTEM), pairing.meet(spain, IRELAND, by=SYSTEM)

    assert at_ireland.words != at_spain.words
    with pytest.raises(Invalid, match="somebody stands between"):
        pairing.confirm(ireland, SPAIN, words=at_spain.words, by=SYSTEM)
    assert nodes.list_(ireland) == []


def test_invitation_is_good_once_and_for_the_node_that_it_was_made_for(served: Served) -> None:
    ireland, spain, mallory = served["Ireland"], served["Spain"], served["Mallory"]
    code = pairing.invite(ireland, SPAIN, base_url=url_of(spain), by=SYSTEM)

    with pytest.raises(NodeRefused):
        pairing.accept(mallory, code, by=SYSTEM)
    pairing.accept(spain, code, by=SYSTEM)
    with pytest.raises(NodeRefused):
        pairing.accept(spain, code, by=SYSTEM)


def test_wrong_tries_make_an_invitation_void(sqlite_mm: Matchmaker) -> None:
    code = Code.read(pairing.invite(sqlite_mm, SPAIN, by=SYSTEM))
    _, key = handshake.new_key()
    for _ in range(paired.MOST_FAILURES):
        with pytest.raises(Forbidden):
            paired.receive(sqlite_mm, accepting(code, secret=b"guess", key=key))

    with pytest.raises(Forbidden):
        paired.receive(sqlite_mm, accepting(code, secret=code.secret, key=key))


def test_invitation_expires(mm: Matchmaker) -> None:
    from matchmaker.store import pairings

    code = Code.read(pairing.invite(mm, SPAIN, by=SYSTEM))
    with mm.transaction() as db:
        known = pairings.of_node(db, SPAIN, at=pairing._now())
        pairings.change(db, replace(known, expires_at=pairing._now()))
        assert "secret" not in str(db.exec_driver_sql("SELECT * FROM pairings").all())

    _, key = handshake.new_key()
    with pytest.raises(NotFound):
        paired.receive(mm, accepting(code, secret=code.secret, key=key))
    with mm.transaction() as db:
        assert pairings.forget_before(db, pairing._now()) == 1


def accepting(code: Code, *, secret: bytes, key: bytes) -> bytes:
    ours = {
        "name": "Spain",
        "url": "http://127.0.0.1:9/mme",
        "country": "ES",
        "jurisdiction": "EEA",
        "mail": "",
        "key": "",
    }
    proof = handshake.proof(secret, b"accept", key, introduction.spelled(ours))
    said = {"id": code.id, "step": "accept", "key": handshake.to_text(key), "node": ours, "proof": proof}
    return json.dumps({"pairing": said}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"pairing": {"id": "0000000000000000", "step": "accept"}}',
        b'{"pairing": {"id": 3, "step": "accept"}}',
        b'{"pairing": {"id": "x", "step": {"$ne": 1}}}',
    ],
)
def test_what_is_no_step_of_a_pairing_is_refused_without_a_trace(sqlite_mm: Matchmaker, body: bytes) -> None:
    asker = an_asker_beside(sqlite_mm)

    refused = asker.post(body, path="/federation/pairing", token=None, headers={"Content-Type": JSON})

    assert refused.status_code in {400, 404, 422}


def test_step_of_a_pairing_that_has_not_come_so_far_is_refused(sqlite_mm: Matchmaker) -> None:
    code = Code.read(pairing.invite(sqlite_mm, SPAIN, by=SYSTEM))
    for step in ("ready", "finish"):
        with pytest.raises(Forbidden):
            paired.receive(sqlite_mm, json.dumps({"pairing": {"id": code.id, "step": step, "sealed": ""}}).encode())


@pytest.mark.parametrize("code", ["", "mm1-", "mm1-aaaa", "not a code", "mm1-" + "é" * 90])
def test_code_that_is_none_is_refused_with_a_remedy(sqlite_mm: Matchmaker, code: str) -> None:
    with pytest.raises(Invalid, match="copy all of it"):
        pairing.accept(sqlite_mm, code, by=SYSTEM)


def test_code_goes_round() -> None:
    code = Code(url="https://host.example/mme", id=handshake.new_id(), secret=handshake.new_secret(), key=bytes(32))

    assert Code.read(f" {str(code)[:20]}\n{str(code)[20:]} ") == code


def test_only_operators_pair(sqlite_mm: Matchmaker) -> None:
    with pytest.raises(Forbidden):
        pairing.invite(sqlite_mm, SPAIN, by=User(email="a@b.example", role=Role.CLINICIAN))


@pytest.mark.slow
def test_name_that_is_there_keeps_its_choices(served: Served) -> None:
    ireland, spain = served["Ireland"], served["Spain"]
    with ireland.transaction() as db:
        registry.upsert(db, Node(name=SPAIN, declared_cases=40))
    words = pairing.accept(spain, pairing.invite(ireland, SPAIN, by=SYSTEM), by=SYSTEM).words

    pairing.confirm(ireland, SPAIN, words=words, by=SYSTEM)

    assert nodes.show(ireland, SPAIN).node.declared_cases == 40


@pytest.mark.slow
def test_paired_nodes_can_demand_signatures_and_a_stolen_token_asks_nothing(served: Served) -> None:
    ireland, spain = served["Ireland"], served["Spain"]
    words = pairing.accept(spain, pairing.invite(ireland, SPAIN, by=SYSTEM), by=SYSTEM).words
    pairing.confirm(spain, IRELAND, words=words, by=SYSTEM)
    pairing.confirm(ireland, SPAIN, words=words, by=SYSTEM)
    nodes.require_signatures(spain, IRELAND, required=True, by=SYSTEM)

    for _ in range(2):
        assert nodes.ask_heartbeat(ireland, SPAIN, client=client_of(ireland), by=SYSTEM).state == "answered"
    (answer,) = ask_all(ireland, a_case(), nodes.list_(ireland), deadline=Deadline.after(10))
    assert answer.state is State.ANSWERED, answer.error

    with ireland.reading() as db:
        stolen = registry.outbound_token(db, SPAIN)
    thief = an_asker_beside(spain)
    for path, body in (("/mme/match", b"{}"), ("/federation/notices", b"{}")):
        assert thief.post(body, path=path, token=stolen).status_code == 401
    assert thief.get("/mme/heartbeat", token=stolen).status_code == 401

    nodes.require_signatures(spain, IRELAND, required=False, by=SYSTEM)
    assert thief.get("/mme/heartbeat", token=stolen).status_code == 200


def test_signatures_are_demanded_only_of_a_node_whose_key_is_known(sqlite_mm: Matchmaker) -> None:
    nodes.issue_token(sqlite_mm, SPAIN, by=SYSTEM)

    with pytest.raises(Invalid, match="pair the two nodes"):
        nodes.require_signatures(sqlite_mm, SPAIN, required=True, by=SYSTEM)
