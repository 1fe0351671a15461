"""The API as a hospital's program meets it: tokens, problem details, and its description."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from marshmallow import Schema, fields
from openapi_spec_validator import validate

from matchmaker import api_tokens
from matchmaker.api_tokens import Scope
from matchmaker.service import Matchmaker
from tests.matchmaker.people import ADDRESS
from tests.web.browsers import api_token, signed_in
from web.access import ROUTES, Door
from web.api.blueprint import ApiBlueprint
from web.api.document import METHODS, address_of
from web.api.problems import issues_of


def test_token_says_whom_it_calls_for(app: Flask, sqlite_mm: Matchmaker) -> None:
    token = api_token(sqlite_mm, Scope.TERMS, Scope.CASES_READ)

    answer = app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})

    scopes = ["cases:read", "terms:read"]
    assert answer.json == {"email": ADDRESS, "role": "clinician", "centre": "Dublin", "scopes": scopes}
    assert "Set-Cookie" not in answer.headers


def test_pages_of_somebody_who_signed_in_call_the_api_without_a_token(app: Flask) -> None:
    answer = signed_in(app).get("/api/v1/me")

    assert answer.json is not None
    assert answer.json["scopes"] is None


def test_revoked_token_is_good_no_more(app: Flask, sqlite_mm: Matchmaker) -> None:
    token = api_token(sqlite_mm, Scope.TERMS)
    caller = api_tokens.caller_of(sqlite_mm, token)
    assert caller is not None
    (known,) = api_tokens.list_(sqlite_mm, by=caller.user)

    api_tokens.revoke(sqlite_mm, known.id, by=caller.user)

    answer = app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_description_is_valid_and_names_every_address_for_programs_with_its_scope(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json

    assert document is not None
    assert document["openapi"] == "3.1.0"
    validate(document)
    described = {
        (path, method.upper()) for path, item in document["paths"].items() for method in item.keys() - {"parameters"}
    }
    for rule in app.url_map.iter_rules():
        access, path = ROUTES[rule.endpoint], address_of(rule)
        if access.door in {Door.API, Door.NODE_TOKEN} or rule.endpoint.startswith("health."):
            methods = (rule.methods or set()) - {"OPTIONS", "HEAD"}
            assert {(path, method) for method in methods} <= described
        if path.startswith("/api/v1/") and access.scope:
            for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
                operation = document["paths"][path][method.lower()]
                assert operation["security"] == [{"token": [access.scope]}]
                assert {"400", "401", "403", "503"} <= operation["responses"].keys()
    ids = [said["operationId"] for path in document["paths"].values() for name, said in path.items() if name in METHODS]
    assert len(ids) == len(set(ids)) == len(described)
    assert document["paths"]["/api/v1/me"]["get"]["security"] == [{"token": []}]


def test_documentation_page_shows_every_operation(app: Flask) -> None:
    page = app.test_client().get("/api/docs").text

    for operation in (
        "GET /api/v1/me",
        "PUT /api/v1/cases/{case_id}",
        "POST /mme/match",
        "GET /health/ready",
        "POST /patientmatcher/patient/add",
    ):
        assert operation in page
    assert "Say for whom this token calls." in page


class _Body(Schema):
    name = fields.String(required=True)
    ages = fields.List(fields.Integer())


def test_body_that_fits_no_schema_is_answered_with_where_and_what(app: Flask) -> None:
    bp = ApiBlueprint("tried", __name__, url_prefix="/tried", description="")

    @bp.post("")
    @bp.arguments(_Body)
    def take(body: dict[str, Any]) -> dict[str, Any]:
        return body

    app.before_request_funcs = {}  # no table has this address, and none is tried here
    app.register_blueprint(bp)
    answer = app.test_client().post("/api/v1/tried", json={"ages": [1, "old"]})

    assert answer.status_code == 422
    assert answer.json is not None
    assert {issue["path"] for issue in answer.json["errors"]} == {"name", "ages[1]"}
    for body in (b'{"name": "a", "name": "b"}', b"{", b"\xff", b"[" * 100_000):
        answer = app.test_client().post("/api/v1/tried", data=body, content_type="application/json")
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize(
    ("messages", "paths"),
    [
        ({"json": {"features": {2: {"id": ["Not a valid string."]}}}}, ["features[2].id"]),
        ({"query": {"limit": ["Too big.", "Not even."]}}, ["limit", "limit"]),
        ({"json": ["Missing."]}, [""]),
    ],
)
def test_messages_of_a_schema_become_issues_with_paths(messages: dict[str, Any], paths: list[str]) -> None:
    assert [issue.path for issue in issues_of(messages)] == paths
