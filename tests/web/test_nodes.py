"""An operator's pages of other nodes."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from federation import nodes
from matchmaker.actors import SYSTEM, Role
from matchmaker.model import CaseId, Disclosure, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import alarms, exchanges, ledger, sent_cases, tokens
from matchmaker.store.alarms import Kind
from matchmaker.store.exchanges import Direction, Exchange
from matchmaker.store.ledger import Told
from tests.web.browsers import signed_in, submit

SPAIN, PAGE = NodeName("spain"), "/nodes/spain"
CASE = CaseId("ab12" * 8)


@pytest.fixture
def operator(app: Flask) -> FlaskClient:
    return signed_in(app, "operator@example.org", role=Role.OPERATOR, centre=None)


@pytest.fixture
def spain(sqlite_mm: Matchmaker) -> NodeName:
    nodes.add(sqlite_mm, SPAIN, base_url="https://spain.example.org/mme", country="ES", token="theirs", by=SYSTEM)
    return SPAIN


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _called(mm: Matchmaker, direction: Direction, status: str, *, seconds: float = 0.5, days_ago: int = 0) -> None:
    at = _now() - dt.timedelta(days=days_ago)
    call = Exchange(node=SPAIN, direction=direction, kind="match", at=at, status=status, seconds=seconds)
    with mm.transaction() as db:
        exchanges.record(db, call)


def test_list_says_how_each_node_stands(operator: FlaskClient, sqlite_mm: Matchmaker, spain: NodeName) -> None:
    nodes.add(sqlite_mm, NodeName("paused"), base_url="https://paused.example.org/mme", by=SYSTEM)
    nodes.disable(sqlite_mm, NodeName("paused"), by=SYSTEM)
    nodes.add(sqlite_mm, NodeName("down"), base_url="https://down.example.org/mme", by=SYSTEM)
    for _ in range(5):
        at = _now()
        nodes.record(sqlite_mm, nodes.sent(NodeName("down"), "heartbeat", at=at, status="timeout", seconds=5.0))

    page = re.sub(r"\s+", " ", operator.get("/nodes/").text)

    for name, state in (("spain", "asked"), ("paused", "paused"), ("down", "not answering")):
        assert re.search(rf'nodes/{name}">{name}</a>.*?<span class="badge [^"]*">{state}</span>', page), name


def test_node_is_registered_by_hand_and_what_cannot_be_is_said_beside_its_field(
    operator: FlaskClient, sqlite_mm: Matchmaker
) -> None:
    fields = {"name": "Spain", "url": "https://spain.example.org/mme", "country": "es", "token": "abc"}

    assert submit(operator, "/nodes/", **fields).location == "/nodes/Spain"
    assert nodes.show(sqlite_mm, NodeName("Spain")).node.country == "ES"
    for field, wrong in (("name", "a/b"), ("url", "ftp://x"), ("country", "E1"), ("token", "a b")):
        refused = submit(operator, "/nodes/", **{**fields, field: wrong})
        assert (refused.status_code, "invalid-feedback" in refused.text) == (422, True), field


def test_health_of_thirty_days_is_drawn_and_written_as_a_table(
    operator: FlaskClient, sqlite_mm: Matchmaker, spain: NodeName
) -> None:
    for status, days_ago in (("answered", 0), ("answered", 2), ("timeout", 2), ("answered", 40)):
        _called(sqlite_mm, Direction.SENT, status, days_ago=days_ago)
    _called(sqlite_mm, Direction.RECEIVED, "200")
    _called(sqlite_mm, Direction.RECEIVED, "429")

    page = operator.get(PAGE).text

    day = (_now() - dt.timedelta(days=2)).strftime("%m-%d")
    assert f'<th scope="row" class="fw-normal">{day}</th><td>1</td><td>1</td>' in page
    assert f"<title>{day}: failed 1</title>" in page
    today = _now().strftime("%m-%d")
    assert page.count(f'<th scope="row" class="fw-normal">{today}</th><td>1</td><td>1</td>') == 1
    assert page.count("<table") == 6


def test_what_was_told_and_asked_is_listed_without_naming_anybody(
    operator: FlaskClient, sqlite_mm: Matchmaker, spain: NodeName
) -> None:
    told = Told(case_id=CASE, fingerprint="f" * 64, extent="genes=1 terms=4")
    with sqlite_mm.transaction() as db:
        ledger.record(db, SPAIN, told=[told], at=_now())
        sent_cases.record(db, CASE, nodes=[SPAIN], level=Disclosure.GENE, at=_now())

    page = operator.get(PAGE).text

    assert "1 distinct answers about our cases, and asked with 1 of them" in page
    assert "genes=1 terms=4" in page
    assert f"<code>{CASE[:8]}</code>" in page
    assert re.search(r"Cases it learned of today</div><div>1 / ", page)


def test_alarm_is_acknowledged_and_open_again_when_it_goes_on(
    operator: FlaskClient, sqlite_mm: Matchmaker, spain: NodeName
) -> None:
    with sqlite_mm.transaction() as db:
        alarms.raise_(db, Kind.REQUESTS, node=SPAIN, at=_now())
    address = re.search(r'action="(/nodes/-/alarms/\w+)"', operator.get("/nodes/").text)
    assert address is not None

    submit(operator, address.group(1), page="/nodes/")

    assert "alarms/" not in operator.get("/nodes/").text
    assert "acknowledged</span>" in operator.get(PAGE).text
    with sqlite_mm.transaction() as db:
        alarms.raise_(db, Kind.REQUESTS, node=SPAIN, at=_now())
    assert address.group(1) in operator.get("/nodes/").text


def test_node_outside_the_eea_is_shown_nothing_until_a_basis_of_transfer_is_noted(
    operator: FlaskClient, sqlite_mm: Matchmaker, spain: NodeName
) -> None:
    fields = {"url": "https://spain.example.org/mme", "country": "US"}
    submit(operator, PAGE, **fields)
    page = operator.get(PAGE).text
    assert "no basis of transfer is noted: no case is shared with it" in page

    submit(operator, PAGE, **fields, transfer_basis="standard contractual clauses of 2026-01-10")

    page = operator.get(PAGE).text
    assert "no basis of transfer is noted" not in page
    assert re.search(r"shared at these levels: federated\.", re.sub(r"\s+", " ", page))
    node = nodes.show(sqlite_mm, SPAIN).node
    assert (node.transfer_basis, node.country) == ("standard contractual clauses of 2026-01-10", "US")


def test_what_is_registered_is_changed_and_what_cannot_be_is_said_beside_its_field(
    operator: FlaskClient, sqlite_mm: Matchmaker, spain: NodeName
) -> None:
    fields = {"url": "https://spain.example.org/mme", "country": "ES"}

    submit(operator, PAGE, **fields, declared_cases="300", operator_mail="op@example.org")

    node = nodes.show(sqlite_mm, SPAIN).node
    assert (node.declared_cases, node.operator_mail) == (300, "op@example.org")
    for wrong in ({"jurisdiction": "XYZ"}, {"operator_mail": "x"}, {"declared_cases": "-1"}, {"must_sign": "y"}):
        answer = submit(operator, PAGE, **(fields | wrong))
        assert answer.status_code == 422, wrong
        assert "invalid-feedback" in answer.text or "alert-danger" in answer.text
    assert nodes.show(sqlite_mm, SPAIN).node.must_sign is not True


def test_token_is_shown_once_and_two_are_valid(operator: FlaskClient, sqlite_mm: Matchmaker, spain: NodeName) -> None:
    shown = [submit(operator, f"{PAGE}/issue", page=PAGE).text for _ in range(3)]
    made = [re.search(r'id="token">([\w-]+)<', page) for page in shown]

    page = operator.get(PAGE).text
    assert all(one is not None and one.group(1) not in page for one in made)
    with sqlite_mm.reading() as db:
        valid = [tokens.node_of_token(db, one.group(1), at=_now()) is not None for one in made if one]
    assert valid == [False, True, True]
    assert page.count("valid until") == 2


def test_its_next_token_is_kept_sealed(operator: FlaskClient, sqlite_mm: Matchmaker, spain: NodeName) -> None:
    from matchmaker.store import nodes as registry

    submit(operator, f"{PAGE}/token", page=PAGE, **{"token-token": "next-one"})

    with sqlite_mm.reading() as db:
        assert registry.outbound_token(db, SPAIN) == "next-one"
    assert "next-one" not in operator.get(PAGE).text
    assert submit(operator, f"{PAGE}/token", page=PAGE, **{"token-token": "a b"}).status_code == 422


def test_node_is_paused_resumed_tried_and_removed(
    operator: FlaskClient, sqlite_mm: Matchmaker, spain: NodeName
) -> None:
    submit(operator, f"{PAGE}/pause", page=PAGE)
    assert not nodes.show(sqlite_mm, SPAIN).node.enabled
    submit(operator, f"{PAGE}/resume", page=PAGE)
    assert nodes.show(sqlite_mm, SPAIN).node.enabled

    submit(operator, f"{PAGE}/test", page=PAGE)  # nobody is there by that name
    assert "spain did not answer: " in operator.get(PAGE).text

    assert "What was exchanged with it stays on record" in operator.get(f"{PAGE}/remove").text
    submit(operator, f"{PAGE}/remove")
    assert nodes.list_(sqlite_mm) == []


def test_node_that_nobody_registered_is_not_found_and_not_made(operator: FlaskClient, sqlite_mm: Matchmaker) -> None:
    assert operator.get("/nodes/nowhere").status_code == 404
    for action in ("test", "issue", "token", "pause", "resume", "remove"):
        assert submit(operator, f"/nodes/nowhere/{action}", page="/nodes/").status_code == 404, action
    assert nodes.list_(sqlite_mm) == []
