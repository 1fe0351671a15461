"""A request of another node is news for the owners of the cases that it found, so far as the request tells."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from federation import hearing, nodes, server, told
from matchmaker import cases, notifications, upkeep, worker
from matchmaker.actors import SYSTEM
from matchmaker.model import CaseId, NodeName, Sharing
from matchmaker.service import Matchmaker
from matchmaker.store import heard, matches
from tests.federation.peers import V10
from tests.federation.worlds import PHGDH, TERMS, a_case, our_node, register

SPAIN = NodeName("Spain")


@pytest.fixture
def mm(tmp_path: Path) -> Iterator[Matchmaker]:
    with our_node(tmp_path / "home") as opened:
        register(opened, SPAIN, "http://127.0.0.1:9/mme")
        yield opened


@pytest.fixture
def client(mm: Matchmaker) -> FlaskClient:
    token = nodes.issue_token(mm, SPAIN, by=SYSTEM)
    asking = server.create_app(mm).test_client()
    asking.environ_base |= {"HTTP_X_AUTH_TOKEN": token, "HTTP_ACCEPT": V10}
    return asking


def ask(client: FlaskClient, id_: str = "S-7", **more: Any) -> int:
    patient = {
        "id": id_,
        "contact": {"name": "A colleague", "href": "mailto:colleague@peer.example"},
        "features": [{"id": term} for term in TERMS],
        "genomicFeatures": [{"gene": {"id": "PHGDH"}}],
        **more,
    }
    answer = client.post("/mme/match", data=json.dumps({"patient": patient}), content_type=V10)
    assert answer.status_code == 200
    assert answer.json is not None
    return len(answer.json["results"])


def stored(mm: Matchmaker, sharing: Sharing = Sharing.FEDERATED) -> CaseId:
    return cases.submit(mm, a_case(sharing=sharing), by=SYSTEM).case_id


def found_by(mm: Matchmaker, case_id: CaseId) -> list[matches.Match]:
    with mm.reading() as db:
        return matches.of_case(db, case_id)


def kept(mm: Matchmaker) -> list[heard.Heard]:
    with mm.transaction() as db:
        return heard.claim(db, at=dt.datetime.now(dt.UTC), limit=10)


def test_who_was_found_hears_who_asked_and_with_what(mm: Matchmaker, client: FlaskClient) -> None:
    case_id = stored(mm)
    assert ask(client) == 1
    assert found_by(mm, case_id) == []  # the answer waited for nothing of it
    worker.drain(mm)

    (match,) = found_by(mm, case_id)
    assert (match.finding.node, match.finding.other_id, match.finding.asked_by_us) == (SPAIN, "S-7", False)
    what = told.read(match.finding, mm.release)
    assert what is not None
    assert [feature.term for feature in what.case.features] == list(TERMS)
    assert [feature.gene for feature in what.case.genomic_features] == [PHGDH]
    assert what.score is None
    (alert,) = notifications.alerts(mm, by=SYSTEM)
    assert (alert.case_id, alert.notified.notice.strong) == (case_id, True)


def test_same_request_again_is_one_match_and_one_alert(mm: Matchmaker, client: FlaskClient) -> None:
    case_id = stored(mm)
    for _ in range(3):
        ask(client)
        worker.drain(mm)

    assert len(found_by(mm, case_id)) == 1
    assert len(list(notifications.alerts(mm, by=SYSTEM))) == 1


def test_request_recorded_twice_by_two_workers_is_recorded_once(mm: Matchmaker, client: FlaskClient) -> None:
    case_id = stored(mm)
    ask(client)
    (claim,) = kept(mm)

    assert [hearing.record(mm, claim), hearing.record(mm, claim)] == [1, 0]
    assert len(found_by(mm, case_id)) == 1


def test_request_that_found_nothing_is_not_kept(mm: Matchmaker, client: FlaskClient) -> None:
    stored(mm, Sharing.NATIONAL)

    assert ask(client) == 0
    assert kept(mm) == []


def test_test_of_another_node_alerts_nobody(mm: Matchmaker, client: FlaskClient) -> None:
    stored(mm)
    ask(client, test=True)

    assert kept(mm) == []


def test_case_that_was_withdrawn_meanwhile_hears_of_nothing(mm: Matchmaker, client: FlaskClient) -> None:
    case_id = stored(mm)
    ask(client)
    cases.withdraw(mm, case_id, by=SYSTEM)
    worker.drain(mm)

    assert found_by(mm, case_id) == []
    assert kept(mm) == []


def test_request_of_a_node_that_was_removed_meanwhile_is_forgotten(mm: Matchmaker, client: FlaskClient) -> None:
    case_id = stored(mm)
    ask(client)
    nodes.remove(mm, SPAIN, by=SYSTEM)
    worker.drain(mm)

    assert found_by(mm, case_id) == []
    assert kept(mm) == []


def test_kept_request_is_sealed(mm: Matchmaker, client: FlaskClient) -> None:
    stored(mm)
    ask(client, id_="Canary-77")

    path = mm.settings.home / "matchmaker.sqlite"
    content = path.read_bytes() + path.with_name(f"{path.name}-wal").read_bytes()
    assert b"Canary-77" not in content
    assert kept(mm)[0].asked.count("Canary-77") == 1


def test_what_nodes_told_is_dropped_after_a_year(mm: Matchmaker, client: FlaskClient) -> None:
    case_id = stored(mm)
    ask(client)
    worker.drain(mm)
    upkeep.forget(mm)

    assert len(found_by(mm, case_id)) == 1
