"""The table of addresses and roles: every address is in it, and it is what happens."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import Rule

from matchmaker.actors import Role
from matchmaker.api_tokens import Scope
from matchmaker.current import matchmaker_of
from tests.web.browsers import api_token, signed_in
from web.access import ROUTES, Door

ONLY_SOMETIMES = {"demonstration.match"}  # registered by `matchmaker demo`
PEOPLE = (Role.CLINICIAN, Role.CURATOR, Role.OPERATOR, Role.AUDITOR)
NOWHERE = {"string": "nowhere", "path": "nowhere", "int": "999999"}


def _rules(app: Flask, door: Door) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if ROUTES[rule.endpoint].door is door]


def _calls(app: Flask, rule: Rule) -> list[tuple[str, str]]:
    """Each method of an address, with values in its path that name nothing."""
    with app.test_request_context():
        values = {name: NOWHERE[_kind(converter)] for name, converter in rule._converters.items()}
        built = rule.build(values)
    assert built is not None
    return [(method, built[1]) for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})]


def _kind(converter: object) -> str:
    return {"UnicodeConverter": "string", "PathConverter": "path", "IntegerConverter": "int"}[type(converter).__name__]


def test_every_address_is_in_the_table_and_nothing_else_is(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == ROUTES.keys() - ONLY_SOMETIMES


@pytest.mark.slow
def test_address_that_is_in_no_table_answers_nobody(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")

    for browser in (app.test_client(), signed_in(app)):
        answer = browser.get("/forgotten")
        assert answer.status_code == 403
        assert "secret" not in answer.text


def test_whoever_is_not_signed_in_is_sent_to_sign_in_from_every_page(app: Flask) -> None:
    nobody = app.test_client()

    for rule in _rules(app, Door.SESSION):
        for method, address in _calls(app, rule):
            answer = nobody.open(address, method=method)
            assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/login"), (method, address)


def test_api_is_closed_without_a_token_and_says_how_to_come_in(app: Flask) -> None:
    nobody, wrong = app.test_client(), {"Authorization": "Bearer mmk_nothing"}

    for rule in _rules(app, Door.API):
        for method, address in _calls(app, rule):
            for headers in ({}, wrong, {"X-Auth-Token": "mmk_nothing"}):
                answer = nobody.open(address, method=method, headers=headers)
                assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), (method, address)


@pytest.mark.slow
@pytest.mark.parametrize("role", PEOPLE)
def test_token_opens_what_its_scopes_and_its_role_open_together(app: Flask, role: Role) -> None:
    mm = matchmaker_of(app)
    tokens = {scope: api_token(mm, scope, role=role) for scope in Scope}

    for rule in _rules(app, Door.API):
        access = ROUTES[rule.endpoint]
        for method, address in _calls(app, rule):
            for scope, token in tokens.items():
                answer = app.test_client().open(address, method=method, headers={"Authorization": f"Bearer {token}"})
                let_in = role in access.roles and access.scope in {None, scope}
                assert answer.status_code < 500, (method, address)
                assert ("not allowed to do this" in answer.text) != let_in, (method, address, scope)


@pytest.mark.slow
@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(app: Flask, role: Role) -> None:
    for rule in _rules(app, Door.SESSION):
        for method, address in _calls(app, rule):
            answer = signed_in(app, f"{role}@example.org", role=role).open(address, method=method)
            assert answer.status_code < 500, (method, address)
            refused = answer.status_code == 403 and "open this page as" in answer.text
            assert refused == (role not in ROUTES[rule.endpoint].roles), (method, address, answer.status_code)


@pytest.mark.slow
def test_every_form_needs_the_token_of_its_page(app: Flask) -> None:
    for rule in [*_rules(app, Door.SESSION), *_rules(app, Door.NONE), *_rules(app, Door.API)]:
        role = min(ROUTES[rule.endpoint].roles or {Role.CLINICIAN})
        browser = signed_in(app, f"{role}@example.org", role=role)
        for method, address in _calls(app, rule):
            if method != "GET":
                assert browser.open(address, method=method).status_code == 400, (method, address)
