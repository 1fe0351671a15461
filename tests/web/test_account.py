"""The account page: everything about oneself, and nothing about anybody else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from matchmaker import api_tokens, notifications, own_account
from matchmaker.api_tokens import Scope
from matchmaker.service import Matchmaker
from matchmaker.settings import SecondFactor
from matchmaker.store import accounts as stored
from matchmaker.store import second_factors
from matchmaker.store.notifications import Choice
from tests.matchmaker import people
from tests.matchmaker.people import ADDRESS, PASSWORD, code_of, user_of, with_password
from tests.web.browsers import signed_in, submit
from web.auth import TOKEN

OTHER = "bran@dublin.example.org"


@pytest.mark.slow
def test_sessions_are_listed_and_end_one_by_one_or_all_at_once(app: Flask) -> None:
    here, there, elsewhere = signed_in(app), signed_in(app), signed_in(app)
    (first, _) = re.findall(r"/account/sessions/(\w{32})/end", here.get("/account/").text)

    assert submit(here, f"/account/sessions/{first}/end", page="/account/").location == "/account/"
    assert sum(browser.get("/account/").status_code == 200 for browser in (there, elsewhere)) == 1
    submit(here, "/account/sessions/end", page="/account/")

    assert [browser.get("/account/").status_code for browser in (here, there, elsewhere)] == [200, 303, 303]


def test_session_of_somebody_else_is_not_there(app: Flask, sqlite_mm: Matchmaker) -> None:
    browser, other = signed_in(app), signed_in(app, OTHER)
    (theirs,) = own_account.sessions_of(sqlite_mm, by=user_of(sqlite_mm, OTHER))

    assert submit(browser, f"/account/sessions/{theirs.id}/end", page="/account/").status_code == 404
    assert other.get("/account/").status_code == 200


@pytest.mark.slow
def test_second_factor_is_set_up_with_the_picture_and_a_code(app: Flask) -> None:
    browser = signed_in(app)
    page = browser.get("/account/second-factor").text
    key = re.search(r'<code class="who">([A-Z2-7 ]+)</code>', page)
    assert key is not None
    picture = browser.get("/account/second-factor.svg")
    assert (picture.mimetype, picture.data[:5]) == ("image/svg+xml", b"<?xml")
    assert b"style=" not in picture.data

    assert submit(browser, "/account/second-factor", code="000000").status_code == 422
    done = submit(browser, "/account/second-factor", code=code_of(key.group(1).replace(" ", "")))

    assert len(codes_in(done)) == 10
    assert "Recovery codes left: 10" in browser.get("/account/").text
    (first, *_) = codes_in(done)
    assert submit(browser, "/account/recovery-codes", page="/account/", **{"codes-code": "0"}).status_code == 422
    renewed = submit(browser, "/account/recovery-codes", page="/account/", **{"codes-code": first})
    assert len(set(codes_in(renewed)) - {first}) == 10
    fields = {"off-code": code_of(key.group(1).replace(" ", ""), steps=1)}
    assert submit(browser, "/account/second-factor/off", page="/account/", **fields).location == "/account/"
    assert "Set up an app" in browser.get("/account/").text


def codes_in(answer: TestResponse) -> list[str]:
    return re.findall(r"<li><code>([a-z0-9]{4}(?:-[a-z0-9]{4}){5})</code>", answer.text)


@pytest.mark.slow
def test_node_that_requires_a_second_step_opens_nothing_before_it_is_set_up(app: Flask, sqlite_mm: Matchmaker) -> None:
    browser = signed_in(app)
    with sqlite_mm.transaction() as db:
        stored.change(db, user_of(sqlite_mm, ADDRESS).account_id, password="not the point")
    sqlite_mm.settings = replace(sqlite_mm.settings, second_factor=SecondFactor.REQUIRED)

    for address in ("/account/", "/cases/"):
        assert browser.get(address).location == "/account/second-factor"
    assert browser.get("/api/v1/me").status_code == 403
    page = browser.get("/account/second-factor").text
    key = re.search(r'<code class="who">([A-Z2-7 ]+)</code>', page)
    assert key is not None
    submit(browser, "/account/second-factor", code=code_of(key.group(1).replace(" ", "")))
    assert browser.get("/account/").status_code == 200


@pytest.mark.slow
def test_password_is_changed_by_who_knows_it(app: Flask, sqlite_mm: Matchmaker) -> None:
    with_password(sqlite_mm)
    browser, other = signed_in(app), signed_in(app)
    new = "another eight calm otters"

    def change(old: str, password: str, again: str) -> int:
        fields = {"password-old": old, "password-password": password, "password-again": again}
        return submit(browser, "/account/password", page="/account/", **fields).status_code

    assert change("wrong", new, new) == 422
    assert change(PASSWORD, "short", "short") == 422
    assert change(PASSWORD, new, "different") == 422
    assert change(PASSWORD, new, new) == 303
    assert (browser.get("/account/").status_code, other.get("/account/").status_code) == (200, 303)
    assert submit(app.test_client(), "/login", email=ADDRESS, password=new).status_code == 303


@pytest.mark.slow
def test_language_and_mails_are_saved(app: Flask, sqlite_mm: Matchmaker) -> None:
    browser = signed_in(app)

    fields = {"settings-language": "en", "settings-mails": "off"}
    assert submit(browser, "/account/settings", page="/account/", **fields).status_code == 303
    assert notifications.choice_of(sqlite_mm, ADDRESS) is Choice.OFF
    assert '<option selected value="en">' in browser.get("/account/").text
    fields = {"settings-language": "xx", "settings-mails": "never"}
    assert submit(browser, "/account/settings", page="/account/", **fields).status_code == 422


@pytest.mark.slow
def test_token_is_shown_once_and_revoked(app: Flask, sqlite_mm: Matchmaker) -> None:
    browser = signed_in(app)
    fields = {"token-name": "<b>EHR</b>", "token-scopes": ["terms:read", "cases:read"], "token-days": "30"}
    made = re.search(r"mmk_[\w-]+", submit(browser, "/account/tokens", page="/account/", **fields).text)
    assert made is not None
    caller = api_tokens.caller_of(sqlite_mm, made.group())
    assert caller is not None
    assert caller.scopes == {Scope.TERMS, Scope.CASES_READ}

    page = browser.get("/account/").text
    assert made.group() not in page
    assert "&lt;b&gt;EHR" in page
    revoke = re.search(r"/account/tokens/\w{32}/revoke", page)
    assert revoke is not None
    submit(browser, revoke.group(), page="/account/")
    assert api_tokens.caller_of(sqlite_mm, made.group()) is None
    assert submit(browser, revoke.group(), page="/account/").status_code == 404


def test_token_without_a_scope_is_refused_beside_the_field(app: Flask) -> None:
    answer = submit(signed_in(app), "/account/tokens", page="/account/", **{"token-name": "EHR", "token-days": "30"})

    assert answer.status_code == 422
    assert "Choose at least one." in answer.text


@pytest.mark.slow
def test_who_has_no_recovery_codes_left_is_told_at_sign_in(app: Flask, sqlite_mm: Matchmaker) -> None:
    found = people.signed_in(sqlite_mm)
    secret, _ = people.with_second_factor(sqlite_mm, found)
    with sqlite_mm.transaction() as db:
        second_factors.replace_recovery_codes(db, found.account.id, [])
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie[TOKEN] = people.begun(sqlite_mm, found.user, complete=False)

    assert submit(browser, "/login/code", code=code_of(secret)).status_code == 303

    assert "You have no recovery codes left" in browser.get("/account/").text
