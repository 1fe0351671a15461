"""The operator's pages of accounts."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matchmaker import api_tokens, cases
from matchmaker.actors import SYSTEM, Role
from matchmaker.api_tokens import NewToken, Scope
from matchmaker.service import Matchmaker
from tests.builders import a_case
from tests.matchmaker.people import ADDRESS, user_of, with_account
from tests.web.browsers import signed_in, submit

OPERATOR = "operator@example.org"
PROGRAM = "ehr@dublin.example.org"


@pytest.fixture
def operator(app: Flask) -> FlaskClient:
    return signed_in(app, OPERATOR, role=Role.OPERATOR, centre=None)


def test_added_account_gets_a_link_that_is_shown_once(app: Flask, operator: FlaskClient) -> None:
    page = submit(operator, "/accounts/", email=ADDRESS, role="clinician", centre="Dublin").text

    link = re.search(r"http://127.0.0.1:8000(/password/[\w-]+)", page)
    assert link is not None
    assert ADDRESS in app.test_client().get(link.group(1)).text
    shown = operator.get("/accounts/").text
    assert ADDRESS in shown
    assert "/password/" not in shown


@pytest.mark.slow
@pytest.mark.parametrize("email", [OPERATOR, "nobody", "a@b\r\nBcc: c@d.org"])
def test_address_that_cannot_be_added_is_said_beside_the_field(operator: FlaskClient, email: str) -> None:
    answer = submit(operator, "/accounts/", email=email, role="clinician")

    assert answer.status_code == 422
    assert "invalid-feedback" in answer.text


def test_role_and_access_are_changed(app: Flask, operator: FlaskClient, sqlite_mm: Matchmaker) -> None:
    person = signed_in(app)
    account_id = user_of(sqlite_mm, ADDRESS).account_id

    submit(operator, f"/accounts/{account_id}/role", page=f"/accounts/{account_id}", role="auditor")
    assert user_of(sqlite_mm, ADDRESS).role is Role.AUDITOR
    assert person.get("/account/").status_code == 303
    person = signed_in(app)
    submit(operator, f"/accounts/{account_id}/disable", page=f"/accounts/{account_id}")
    assert person.get("/account/").status_code == 303
    page = submit(operator, f"/accounts/{account_id}/reset", page=f"/accounts/{account_id}")
    assert (page.status_code, "is disabled" in page.text) == (422, True)
    submit(operator, f"/accounts/{account_id}/enable", page=f"/accounts/{account_id}")
    page = submit(operator, f"/accounts/{account_id}/reset", page=f"/accounts/{account_id}", second_factor="y")
    assert "/password/" in page.text


def test_operators_cannot_lock_themselves_out(operator: FlaskClient, sqlite_mm: Matchmaker) -> None:
    own = user_of(sqlite_mm, OPERATOR).account_id

    for action, fields in (("disable", {}), ("role", {"role": "auditor"})):
        answer = submit(operator, f"/accounts/{own}/{action}", page=f"/accounts/{own}", **fields)
        assert answer.status_code == 422
        assert "is your own" in answer.text
    assert operator.get("/accounts/").status_code == 200


def test_program_gets_tokens_and_a_person_s_are_only_taken_away(operator: FlaskClient, sqlite_mm: Matchmaker) -> None:
    there = submit(operator, "/accounts/", email=PROGRAM, role="clinician", centre="Dublin", service="y").location
    fields = {"token-name": "EHR", "token-scopes": ["cases:write"], "token-days": "30"}

    made = re.search(r"mmk_[\w-]+", submit(operator, f"{there}/tokens", page=there, **fields).text)
    assert made is not None
    caller = api_tokens.caller_of(sqlite_mm, made.group())
    assert caller is not None
    assert caller.user.email == PROGRAM

    person = with_account(sqlite_mm)
    api_tokens.issue(sqlite_mm, NewToken(name="mine", scopes=[Scope.TERMS]), by=person)
    page = f"/accounts/{person.account_id}"
    assert submit(operator, f"{page}/tokens", page=page, **fields).status_code == 422
    revoke = re.search(rf"{page}/tokens/\w+/revoke", operator.get(page).text)
    assert revoke is not None
    submit(operator, revoke.group(), page=page)
    assert api_tokens.list_(sqlite_mm, by=person) == []


def test_account_that_is_not_there_is_not_found(operator: FlaskClient) -> None:
    assert operator.get("/accounts/nowhere").status_code == 404
    for action in ("role", "disable", "enable", "reset", "tokens"):
        answer = submit(operator, f"/accounts/nowhere/{action}", page="/accounts/", role="auditor")
        assert answer.status_code == 404


def test_cases_are_handed_over_before_the_account_ends(
    app: Flask, operator: FlaskClient, sqlite_mm: Matchmaker
) -> None:
    person, heir = with_account(sqlite_mm), with_account(sqlite_mm, "bran@dublin.example.org")
    cases.submit(sqlite_mm, a_case(owner=ADDRESS), by=person)
    page = f"/accounts/{person.account_id}"
    assert "It owns 1 case" in operator.get(page).text
    refused = submit(operator, f"{page}/disable", page=page)
    assert (refused.status_code, "still owns 1 cases" in refused.text) == (422, True)
    assert submit(operator, f"{page}/hand-over", page=page, to="nobody@example.org").status_code == 422

    submit(operator, f"{page}/hand-over", page=page, to=heir.email)
    submit(operator, f"{page}/disable", page=page)

    assert "disabled" in operator.get(page).text
    assert [one.case.owner for one in cases.list_(sqlite_mm, by=heir)] == [heir.email]


def test_person_is_signed_out_everywhere(app: Flask, operator: FlaskClient, sqlite_mm: Matchmaker) -> None:
    person = signed_in(app)
    page = f"/accounts/{user_of(sqlite_mm, ADDRESS).account_id}"
    assert "Signed in now:" in operator.get(page).text

    submit(operator, f"{page}/sessions/end", page=page)

    assert person.get("/account/").status_code == 303
    assert "Signed in now:" not in operator.get(page).text


def test_centres_are_listed_and_renamed_and_never_made_one(operator: FlaskClient, sqlite_mm: Matchmaker) -> None:
    person = with_account(sqlite_mm)
    with_account(sqlite_mm, "cian@cork.example.org", centre="Cork")
    cases.submit_many(sqlite_mm, [a_case(owner=ADDRESS) for _ in range(3)], by=SYSTEM)
    page = operator.get("/accounts/").text
    assert re.search(r">Dublin</th><td>1</td><td>3</td>", page)
    (dublin, *_) = re.findall(r"/accounts/-/centres/\w+", page[page.index(">Dublin</th>") :])

    token = "centre-csrf_token"
    for name in ("Cork", "", "x" * 201):
        answer = operator.post(dublin, data={token: _token(page), "centre-name": name})
        assert answer.status_code == 422, name
    operator.post(dublin, data={token: _token(page), "centre-name": "Dublin  North"})

    assert user_of(sqlite_mm, ADDRESS).centre == "Dublin North"
    assert [one.case.owner for one in cases.list_(sqlite_mm, by=person)] == [ADDRESS] * 3


def test_clinician_who_owns_cases_is_not_made_an_auditor(operator: FlaskClient, sqlite_mm: Matchmaker) -> None:
    person = with_account(sqlite_mm)
    cases.submit(sqlite_mm, a_case(owner=ADDRESS), by=person)
    page = f"/accounts/{person.account_id}"

    answer = submit(operator, f"{page}/role", page=page, role="auditor")

    assert (answer.status_code, "still owns 1 cases" in answer.text) == (422, True)
    assert user_of(sqlite_mm, ADDRESS).role is Role.CLINICIAN


def _token(page: str) -> str:
    found = re.search(r'name="(?:centre-)?csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found.group(1)
