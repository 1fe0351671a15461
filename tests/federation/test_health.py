from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from federation import health
from matchmaker.service import Matchmaker


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


def test_service_info_has_what_ga4gh_requires(client: FlaskClient) -> None:
    info = said(client, "/service-info")

    # GA4GH service-info 1.0.0, required fields.
    assert {"id", "name", "type", "organization", "version"} <= info.keys()
    assert {"group", "artifact", "version"} <= info["type"].keys()
    assert {"name", "url"} <= info["organization"].keys()
