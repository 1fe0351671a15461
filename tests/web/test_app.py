from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from federation import nodes
from matchmaker.actors import SYSTEM
from matchmaker.current import current_matchmaker
from matchmaker.errors import Forbidden, Invalid, Issue, NotFound, SettingsError, Stale, Unavailable, Unwritable
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode
from web.app import create_app

ADDRESSES = ["/", "/nowhere", "/health/live", "/health/nowhere", "/mme/match", "/mme/nowhere", "/service-info"]
CANARY = "Aoife Ni Example"
FAILURES = {
    "invalid": (Invalid([Issue(path="features[0].id", message="HP:1 is no HPO id", remedy="check the id")]), 422),
    "missing": (NotFound("case", "c-1"), 404),
    "forbidden": (Forbidden("edit", "c-1"), 403),
    "stale": (Stale("c-1", seen=1, now=2), 409),
    "full": (Unwritable("the database", "the disk is full", "free some space"), 507),
    "gone": (Unavailable("the database", "it cannot be reached", "start it"), 503),
    "broken": (KeyError(CANARY), 500),
}


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    """A browser at an application in which things go wrong at an address whose path names a failure."""

    @app.before_request
    def fail() -> None:
        _, is_fail, how = request.path.partition("/fail/")
        if is_fail:
            raise FAILURES[how][0]

    with app.test_client() as client:
        yield client


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_security_headers(address: str, client: FlaskClient) -> None:
    headers = client.get(address).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_production_asks_browsers_to_stay_with_https(sqlite_mm: Matchmaker) -> None:
    sqlite_mm.settings = replace(sqlite_mm.settings, mode=Mode.PRODUCTION, base_url="https://mm.example.org")
    app = create_app(sqlite_mm)

    answer = app.test_client().get("/health/live", base_url="https://mm.example.org")

    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert app.config["SESSION_COOKIE_SECURE"] is True


def test_production_refuses_an_address_without_tls(sqlite_mm: Matchmaker) -> None:
    sqlite_mm.settings = replace(sqlite_mm.settings, mode=Mode.PRODUCTION)

    with pytest.raises(SettingsError, match="MATCHMAKER_BASE_URL: must begin with https"):
        create_app(sqlite_mm)


def test_another_host_name_is_refused(sqlite_mm: Matchmaker, client: FlaskClient) -> None:
    assert client.get("/", base_url="http://evil.example.org").status_code == 400
    assert client.get("/", base_url="http://127.0.0.1:8000").status_code == 200


def test_forwarded_headers_are_believed_only_behind_a_proxy(sqlite_mm: Matchmaker) -> None:
    forwarded = {"X-Forwarded-Host": "evil.example.org"}
    assert create_app(sqlite_mm).test_client().get("/", headers=forwarded).status_code == 200

    sqlite_mm.settings = replace(sqlite_mm.settings, proxies=1)
    assert create_app(sqlite_mm).test_client().get("/", headers=forwarded).status_code == 400


@pytest.mark.parametrize(("how", "status"), [(how, status) for how, (_, status) in FAILURES.items()])
def test_failure_is_a_page_for_people_and_json_for_programs(how: str, status: int, client: FlaskClient) -> None:
    page, program = client.get(f"/fail/{how}"), client.get(f"/api/v1/fail/{how}")

    assert page.status_code == program.status_code == status
    assert page.mimetype == "text/html"
    assert "To the first page" in page.text
    assert program.mimetype == "application/problem+json"
    assert program.json is not None
    assert program.json["status"] == status
    assert program.json["detail"]
    assert CANARY not in page.text + program.text


def test_invalid_input_says_where_and_what_to_do(client: FlaskClient) -> None:
    answer = client.get("/api/v1/fail/invalid").json

    assert answer is not None
    [issue] = answer["errors"]
    assert issue == {"path": "features[0].id", "message": "HP:1 is no HPO id", "remedy": "check the id"}


@pytest.mark.slow
def test_what_somebody_typed_is_escaped(client: FlaskClient) -> None:
    assert "<script>" not in client.get("/%3Cscript%3Ealert(1)%3C/script%3E").text


@pytest.mark.parametrize("address", ["/mme/nowhere", "/mme/match", "/health/nowhere", "/api/v1/nowhere"])
def test_programs_get_json_also_for_wrong_addresses_and_methods(address: str, client: FlaskClient) -> None:
    answer = client.delete(address)

    assert answer.status_code in {404, 405}
    assert "json" in answer.content_type
    said = answer.get_json(force=True)
    assert said["detail" if address.startswith("/api/") else "message"]


def test_wrong_method_names_the_right_one(client: FlaskClient) -> None:
    answer = client.get("/mme/match")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert answer.content_type.startswith("application/vnd.ga4gh.matchmaker.v1.")


def test_matchmaker_exchange_is_served(sqlite_mm: Matchmaker, client: FlaskClient) -> None:
    token = nodes.issue_token(sqlite_mm, NodeName("spain"), by=SYSTEM)

    assert client.get("/mme/heartbeat").status_code == 401
    assert client.get("/mme/heartbeat", headers={"X-Auth-Token": token}).status_code == 200


def test_first_page_names_node_release_and_purpose(sqlite_mm: Matchmaker, client: FlaskClient) -> None:
    page = client.get("/").text

    assert sqlite_mm.settings.node_name in page
    assert sqlite_mm.release.hpo.release in page
    assert "Not for decisions on diagnosis or treatment" in page


def test_current_matchmaker_is_the_node_of_the_application(app: Flask, sqlite_mm: Matchmaker) -> None:
    with app.app_context():
        assert current_matchmaker.settings is sqlite_mm.settings
