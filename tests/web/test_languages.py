"""Pages in the reader's language: how it is chosen, and that every page speaks each of them."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from federation.schemas import write_patient
from matchmaker import own_account, term_names
from matchmaker.actors import SYSTEM
from matchmaker.api_tokens import Scope
from matchmaker.service import Matchmaker
from tests.matchmaker.people import ADDRESS, user_of
from tests.ontology.translated import row, table
from tests.web import every_page
from tests.web.browsers import api_token, signed_in, submit
from tests.web.test_entry import QUICK, the_case
from web.languages import NAMES

SIGN_IN = {"en": "Sign in", "de": "Anmelden", "es": "Iniciar sesión", "fr": "Se connecter"}


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def _is_in(page: str, language: str) -> bool:
    return f'<html lang="{language}">' in page and SIGN_IN[language] in page


@pytest.mark.slow
def test_browser_is_answered_in_the_language_that_it_prefers(browser: FlaskClient) -> None:
    for asked, language in (("es-MX,es;q=0.9,en;q=0.1", "es"), ("fi, de;q=0.8", "de"), ("fr", "fr"), ("fi", "en")):
        assert _is_in(browser.get("/login", headers={"Accept-Language": asked}).text, language), asked


@pytest.mark.slow
def test_language_is_switched_before_signing_in_and_remembered_in_the_browser(browser: FlaskClient) -> None:
    answer = submit(browser, "/language", page="/login?next=/cases/", language="fr", next="/login?next=/cases/")

    assert (answer.status_code, answer.location) == (303, "/login?next=/cases/")
    assert _is_in(browser.get("/login", headers={"Accept-Language": "es"}).text, "fr")


@pytest.mark.slow
def test_language_of_the_account_goes_before_that_of_the_browser_on_any_machine(app: Flask) -> None:
    browser = signed_in(app)
    submit(browser, "/language", page="/cases/", language="de", next="/cases/")
    elsewhere = signed_in(app)

    assert '<html lang="de">' in elsewhere.get("/cases/", headers={"Accept-Language": "es"}).text


@pytest.mark.slow
def test_language_that_is_not_spoken_and_an_address_elsewhere_change_nothing(browser: FlaskClient) -> None:
    answer = submit(browser, "/language", page="/login", language="xx", next="https://elsewhere.example/")

    assert answer.location == "/"
    assert "Set-Cookie" not in answer.headers or "xx" not in answer.headers["Set-Cookie"]


@pytest.mark.slow
def test_what_is_wrong_is_said_in_the_language_of_the_page_and_in_english_to_programs(
    app: Flask, sqlite_mm: Matchmaker
) -> None:
    headers = {"Accept-Language": "de"}
    page = signed_in(app).get("/cases/nowhere", headers=headers)
    token = api_token(sqlite_mm, Scope.CASES_READ)
    told = app.test_client().get("/api/v1/cases/nowhere", headers={**headers, "Authorization": f"Bearer {token}"})

    assert "hier nicht gefunden: Fall nowhere" in page.text
    assert "Unter dieser Adresse gibt es nichts" in signed_in(app).get("/nowhere", headers=headers).text
    assert "no case nowhere here" in told.text


@pytest.mark.slow
def test_every_page_speaks_every_language(app: Flask, tmp_path: Path) -> None:
    own = every_page.a_world(app, tmp_path)
    pages = every_page.pages(own)
    browsers = {role: own.browser(role) for role in {page.role for page in pages}}
    for page in pages:
        for language in NAMES:
            answer = browsers[page.role].get(page.address, headers={"Accept-Language": language})
            assert answer.status_code == 200, (page.address, language)
            assert f'<html lang="{language}">' in answer.text, (page.address, language)


@pytest.mark.slow
def test_findings_are_shown_and_found_in_the_readers_language_and_english_where_there_is_none(
    app: Flask, sqlite_mm: Matchmaker, tmp_path: Path
) -> None:
    path = table(tmp_path, row("HP:0001250", "Crisis epiléptica"))
    term_names.load(sqlite_mm, path, sqlite_mm.release, by=SYSTEM)
    browser, token = signed_in(app), api_token(sqlite_mm, Scope.TERMS)
    own_account.set_language(sqlite_mm, "es", by=user_of(sqlite_mm, ADDRESS))

    def labels(typed: str, language: str | None = None) -> list[str]:
        headers = {"Authorization": f"Bearer {token}", **({"Accept-Language": language} if language else {})}
        found = app.test_client().get(f"/api/v1/terms?q={typed}&limit=1", headers=headers).json
        return [one["label"] for one in (found or {})["terms"]]

    for typed, label in (("crisis epilept", "Crisis epiléptica"), ("microcephaly", "Microcephaly")):
        assert (browser.get(f"/lookup/terms?q={typed}").json or [{}])[0]["label"] == label
    assert labels("crisis epileptica", "es") == labels("seizure", "es") == ["Crisis epiléptica"]
    assert labels("seizure") == ["Seizure"]


@pytest.mark.slow
def test_case_that_is_entered_in_another_language_is_the_same_case_and_goes_out_in_english(
    app: Flask, sqlite_mm: Matchmaker, tmp_path: Path
) -> None:
    rows = (row("HP:0001250", "Crisis epiléptica"), row("HP:0012828", "Grave"))
    term_names.load(sqlite_mm, table(tmp_path, *rows), sqlite_mm.release, by=SYSTEM)
    browser = signed_in(app)
    own_account.set_language(sqlite_mm, "es", by=user_of(sqlite_mm, ADDRESS))

    shown = browser.get(
        submit(browser, "/cases/new", **{**QUICK, "findings": "crisis epiléptica; severity: grave"}).location
    )
    address = shown.request.path
    same = submit(
        browser, f"{address}/edit", **{**QUICK, "findings": _lines(browser.get(f"{address}/edit").text), "version": "1"}
    )

    assert "Crisis epiléptica" in shown.text
    assert same.status_code == 303
    [feature] = the_case(sqlite_mm).features
    assert (feature.term, feature.severity) == ("HP:0001250", "HP:0012828")
    [sent] = write_patient(the_case(sqlite_mm), sqlite_mm.release)["features"]
    assert (sent["id"], sent["label"]) == ("HP:0001250", "Seizure")


def _lines(page: str) -> str:
    found = re.search(r'<textarea[^>]*name="findings"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1]).strip()
