"""Signing in at a real OpenID Connect provider on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from matchmaker import accounts, second_factor
from matchmaker.actors import SYSTEM
from matchmaker.errors import SettingsError
from matchmaker.service import Matchmaker
from tests.matchmaker.people import ADDRESS, code_of, signed_in, user_of, with_account
from tests.web.provider import provider
from web.app import create_app

pytestmark = pytest.mark.slow

VERIFIED = {"email": ADDRESS, "email_verified": True}
PEOPLE: dict[str, dict[str, object]] = {
    "aoife": VERIFIED,
    "renamed": {"email": "other@example.org", "email_verified": True},
    "impostor": VERIFIED,
    "unverified": {"email": ADDRESS, "email_verified": False},
    "nameless": {},
    "stranger": {"email": "stranger@example.org", "email_verified": True},
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider(PEOPLE) as address:
        yield address


@pytest.fixture
def browser(sqlite_mm: Matchmaker, issuer: str) -> FlaskClient:
    return _browser(sqlite_mm, issuer)


def _browser(mm: Matchmaker, issuer: str) -> FlaskClient:
    mm.settings = replace(
        mm.settings, oidc_issuer=issuer, oidc_client_id="matchmaker", oidc_client_secret="s", oidc_name="Saint Bridget"
    )
    return create_app(mm).test_client()


def _go(browser: FlaskClient, subject: str, *, onward: str = "/account/") -> TestResponse:
    """Leave for the provider, be `subject` there, and come back."""
    there = browser.get("/login/provider/", query_string={"next": onward}).location
    answer = requests.post(there, data={"sub": subject}, allow_redirects=False, timeout=10)
    return browser.get(answer.headers["Location"].removeprefix("http://127.0.0.1:8000"))


def _said(browser: FlaskClient) -> str:
    return browser.get("/login").text


def test_first_time_the_verified_address_says_whose_account_it_is(sqlite_mm: Matchmaker, browser: FlaskClient) -> None:
    with_account(sqlite_mm)
    assert "Sign in with Saint Bridget" in _said(browser)

    answer = _go(browser, "aoife")

    assert (answer.status_code, answer.location) == (303, "/account/")
    assert ADDRESS in browser.get("/account/").text


def test_later_the_provider_s_name_for_the_person_counts_and_not_the_address(
    sqlite_mm: Matchmaker, browser: FlaskClient
) -> None:
    with_account(sqlite_mm, "other@example.org")
    _go(browser, "renamed")
    with_account(sqlite_mm)
    _go(browser, "aoife")

    refused = browser.application.test_client()
    _go(refused, "impostor")
    assert "belongs to somebody else at your provider" in _said(refused)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("unverified", "does not vouch for a mail address"),
        ("nameless", "does not vouch for a mail address"),
        ("stranger", "no account here for stranger@example.org"),
    ],
)
def test_who_has_no_account_or_no_verified_address_stays_out(
    sqlite_mm: Matchmaker, browser: FlaskClient, subject: str, said: str
) -> None:
    with_account(sqlite_mm)
    assert _go(browser, subject).location == "/login"
    assert said in _said(browser)
    assert browser.get("/account/").status_code == 303


def test_disabled_account_stays_out(sqlite_mm: Matchmaker, browser: FlaskClient) -> None:
    user = with_account(sqlite_mm)
    accounts.set_enabled(sqlite_mm, user.account_id, enabled=False, by=SYSTEM)

    _go(browser, "aoife")

    assert "This account is disabled." in _said(browser)


def test_answer_that_this_browser_did_not_ask_for_is_refused(sqlite_mm: Matchmaker, browser: FlaskClient) -> None:
    with_account(sqlite_mm)
    there = browser.get("/login/provider/").location
    back = requests.post(there, data={"sub": "aoife"}, allow_redirects=False, timeout=10).headers["Location"]
    victim = browser.application.test_client()

    assert victim.get(back.removeprefix("http://127.0.0.1:8000")).location == "/login"
    assert "did not work" in _said(victim)
    browser.get(back.removeprefix("http://127.0.0.1:8000"))
    again = browser.get(back.removeprefix("http://127.0.0.1:8000"))
    assert again.location == "/login"


def test_who_says_no_at_the_provider_comes_back_to_the_sign_in_page(browser: FlaskClient) -> None:
    there = browser.get("/login/provider/").location
    answer = requests.post(there, data={"action": "deny"}, allow_redirects=False, timeout=10)

    assert browser.get(answer.headers["Location"].removeprefix("http://127.0.0.1:8000")).location == "/login"
    assert "did not work" in _said(browser)


def test_provider_s_second_factor_counts_and_ours_is_for_the_password(
    sqlite_mm: Matchmaker, browser: FlaskClient
) -> None:
    found = signed_in(sqlite_mm)
    secret = second_factor.offer(sqlite_mm, found.session)
    second_factor.switch_on(sqlite_mm, found.session, code_of(secret), by=user_of(sqlite_mm, ADDRESS))

    assert _go(browser, "aoife").location == "/account/"


def test_sign_in_at_the_provider_leads_to_no_other_site(sqlite_mm: Matchmaker, browser: FlaskClient) -> None:
    with_account(sqlite_mm)

    assert _go(browser, "aoife", onward="//evil.example").location == "/welcome"


def test_provider_that_is_away_or_another_is_said_so(sqlite_mm: Matchmaker) -> None:
    with _impostor() as address:
        for issuer in ("http://127.0.0.1:9", address):
            browser = _browser(sqlite_mm, issuer)
            assert browser.get("/login/provider/").location == "/login"
            assert "did not work" in _said(browser)


def test_without_a_provider_there_is_no_such_page(sqlite_mm: Matchmaker) -> None:
    browser = create_app(sqlite_mm).test_client()

    assert browser.get("/login/provider/").status_code == 404
    assert browser.get("/login/provider/back").status_code == 404
    assert "/login/provider" not in _said(browser)


@pytest.mark.parametrize(
    ("issuer", "client_id", "named"),
    [
        ("http://idp.example.org", "matchmaker", "MATCHMAKER_OIDC_ISSUER"),
        ("https://idp.example.org", "", "MATCHMAKER_OIDC_CLIENT_ID"),
    ],
)
def test_half_or_insecure_settings_are_refused(sqlite_mm: Matchmaker, issuer: str, client_id: str, named: str) -> None:
    sqlite_mm.settings = replace(
        sqlite_mm.settings, oidc_issuer=issuer, oidc_client_id=client_id, oidc_client_secret="s"
    )

    with pytest.raises(SettingsError, match=named):
        create_app(sqlite_mm)


@contextmanager
def _impostor() -> Iterator[str]:
    """A server whose description names another issuer."""

    def application(environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])  # type: ignore[operator]
        return [b'{"issuer": "https://accounts.example.org", "authorization_endpoint": "https://evil.example/"}']

    server = make_server("127.0.0.1", 0, application)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
