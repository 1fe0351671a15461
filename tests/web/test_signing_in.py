"""Signing in and out by the pages."""

from __future__ import annotations

from contextlib import closing

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matchmaker import accounts
from matchmaker.actors import SYSTEM, Role
from matchmaker.service import Matchmaker
from tests.matchmaker.people import ADDRESS, PASSWORD, with_password
from tests.web.browsers import signed_in, submit
from web.app import create_app


@pytest.fixture
def browser(app: Flask, sqlite_mm: Matchmaker) -> FlaskClient:
    """A browser at a node at which somebody has an account with a password."""
    with_password(sqlite_mm)
    return app.test_client()


@pytest.mark.slow
def test_right_password_opens_the_page_that_was_asked_for(browser: FlaskClient) -> None:
    answer = submit(browser, "/login?next=/somewhere?a=1", email=ADDRESS, password=PASSWORD)

    assert (answer.status_code, answer.location) == (303, "/somewhere?a=1")
    assert ADDRESS in browser.get("/").text


@pytest.mark.slow
@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "/\t/e"]
)
def test_sign_in_leads_to_no_other_site(browser: FlaskClient, elsewhere: str) -> None:
    page = browser.get("/login", query_string={"next": elsewhere}).text
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    fields = {"csrf_token": token, "email": ADDRESS, "password": PASSWORD}
    answer = browser.post("/login", query_string={"next": elsewhere}, data=fields)

    assert (answer.status_code, answer.location) == (303, "/welcome")
    assert browser.get("/welcome").location == "/cases/"


@pytest.mark.slow
@pytest.mark.parametrize(("email", "password"), [(ADDRESS, "wrong"), ("nobody@dublin.example.org", PASSWORD)])
def test_wrong_address_and_wrong_password_get_the_same_words(browser: FlaskClient, email: str, password: str) -> None:
    answer = submit(browser, "/login", email=email, password=password)

    assert answer.status_code == 401
    assert "The address or the password is not right." in answer.text
    assert password not in answer.text


def test_sign_out_ends_the_session_also_for_a_copied_cookie(app: Flask) -> None:
    browser, thief = signed_in(app), app.test_client()
    cookie = browser.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    thief.set_cookie(cookie.key, cookie.value)
    assert ADDRESS in thief.get("/").text

    left = submit(browser, "/logout", page="/")
    assert (left.status_code, left.headers["Clear-Site-Data"]) == (303, '"cache", "storage"')

    assert ADDRESS not in thief.get("/").text
    assert ADDRESS not in browser.get("/").text


@pytest.mark.slow
def test_cookie_is_closed_to_scripts_and_to_other_sites(browser: FlaskClient) -> None:
    answer = submit(browser, "/login", email=ADDRESS, password=PASSWORD)

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # of a node on loopback; by https it is


@pytest.mark.slow
@pytest.mark.parametrize(
    ("user_agent", "shown"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36 Edg/1",
            "Edge, Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        ("<script>", "&lt;script&gt;"),
    ],
)
def test_session_is_listed_by_the_name_of_its_browser(browser: FlaskClient, user_agent: str, shown: str) -> None:
    browser.environ_base["HTTP_USER_AGENT"] = user_agent
    submit(browser, "/login", email=ADDRESS, password=PASSWORD)

    assert f"{shown} (127.0.0.1)" in browser.get("/account/").text


@pytest.mark.slow
def test_one_time_link_sets_a_password_once(app: Flask, sqlite_mm: Matchmaker) -> None:
    token = accounts.add(sqlite_mm, ADDRESS, role=Role.CLINICIAN, by=SYSTEM)
    browser, address = app.test_client(), f"/password/{token}"

    weak = submit(browser, address, password="password12", again="password12")
    assert weak.status_code == 422
    assert "is easily guessed" in weak.text
    assert "are not the same" in submit(browser, address, password=PASSWORD, again="other").text
    assert submit(browser, address, password=PASSWORD, again=PASSWORD).location == "/login"

    assert browser.get(address).status_code == 422
    assert submit(browser, "/login", email=ADDRESS, password=PASSWORD).status_code == 303


def test_character_that_no_database_keeps_is_refused(app: Flask, browser: FlaskClient) -> None:
    assert submit(browser, "/login", email="a\0b@example.org", password="x").status_code == 400
    for address in ("/cases/%00", "/login?next=%00", "/password/%00"):
        assert signed_in(app).get(address).status_code == 400


@pytest.mark.slow
def test_processes_of_one_node_share_sessions_and_their_end(app: Flask, sqlite_mm: Matchmaker) -> None:
    browser = signed_in(app)
    cookie = browser.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    with closing(Matchmaker.open(sqlite_mm.settings)) as other_process:
        there = create_app(other_process).test_client()
        there.set_cookie(cookie.key, cookie.value)
        assert there.get("/account/").status_code == 200

        submit(browser, "/logout", page="/")

        assert there.get("/account/").status_code == 303
