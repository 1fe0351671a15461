from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from federation import health, nodes
from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.backup import LAST_BACKUP
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import exchanges, marks
from matchmaker.store.exchanges import Direction, Exchange
from tests.builders import a_case


@pytest.fixture
def client(sqlite_mm: Matchmaker) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(health.blueprint(sqlite_mm))
    return app.test_client()


def said(client: FlaskClient, path: str, *, status: int = 200) -> dict[str, Any]:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    found: dict[str, Any] = answer.get_json()
    return found


def test_node_that_can_search_is_alive_and_ready(client: FlaskClient) -> None:
    assert said(client, "/health/live") == {"status": "alive"}
    assert said(client, "/health/ready") == {"status": "ready"}


@pytest.mark.slow
def test_node_whose_database_is_gone_is_alive_and_not_ready(sqlite_mm: Matchmaker, client: FlaskClient) -> None:
    sqlite_mm.engine.dispose()
    for path in sqlite_mm.settings.home.parent.glob("*.sqlite*"):
        path.unlink()

    assert said(client, "/health/live") == {"status": "alive"}
    assert said(client, "/health/ready", status=503)["message"]
    assert said(client, "/health/metrics", status=503)["message"]


@pytest.mark.slow
def test_prometheus_reads_what_the_node_does_and_nothing_of_a_case(
    sqlite_mm: Matchmaker, client: FlaskClient, dashboard: str
) -> None:
    spain = Exchange(
        node=NodeName("spain"), direction=Direction.SENT, kind="match", at=dt.datetime.now(dt.UTC), status="answered"
    )
    nodes.add(sqlite_mm, NodeName("spain"), base_url="https://spain.example.org/mme", by=SYSTEM)
    cases.submit_many(sqlite_mm, [a_case() for _ in range(12)], by=SYSTEM)
    with sqlite_mm.transaction() as db:
        exchanges.record(db, spain)
        marks.put(db, LAST_BACKUP, dt.datetime.now(dt.UTC).isoformat())

    answer = client.get("/health/metrics")

    assert answer.status_code == 200
    told = {family.name: family.samples for family in text_string_to_metric_families(answer.text)}
    assert [sample.value for sample in told["matchmaker_cases_shared"]] == [10]
    labels = {"node": "spain", "direction": "sent", "kind": "match", "outcome": "answered"}
    assert [(sample.labels, sample.value) for sample in told["matchmaker_requests"]] == [(labels, 1)]
    assert [(sample.labels, sample.value) for sample in told["matchmaker_node_up"]] == [({"node": "spain"}, 1)]
    assert {sample.labels["kind"]: sample.value for sample in told["matchmaker_work_waiting"]} == {
        "match": 12,
        "ask": 12,
    }
    assert "HP:" not in answer.text
    samples = {sample.name for family in told.values() for sample in family}
    assert set(re.findall(r"matchmaker_[a-z_]+", dashboard)) <= samples


@pytest.fixture(params=["dashboard.json", "alerts.yaml"])
def dashboard(request: pytest.FixtureRequest) -> str:
    """What the deploy folder reads of it."""
    name: str = request.param
    return (Path(__file__).parents[2] / "deploy" / name).read_text()


@pytest.mark.parametrize(
    ("caller", "status"), [("10.2.0.9", 200), ("fd00::9", 200), ("8.8.8.8", 403), ("2001:4860:4860::8888", 403)]
)
def test_only_who_is_near_reads_the_metrics(client: FlaskClient, caller: str, status: int) -> None:
    assert client.get("/health/metrics", environ_overrides={"REMOTE_ADDR": caller}).status_code == status


def test_service_info_has_what_ga4gh_requires(client: FlaskClient) -> None:
    info = said(client, "/service-info")

    # GA4GH service-info 1.0.0, required fields.
    assert {"id", "name", "type", "organization", "version"} <= info.keys()
    assert {"group", "artifact", "version"} <= info["type"].keys()
    assert {"name", "url"} <= info["organization"].keys()
