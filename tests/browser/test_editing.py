"""What is typed is not lost: when the session ends meanwhile, and when two people edit one case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from matchmaker import own_account
from matchmaker.current import matchmaker_of
from tests.browser.sessions import signed_in_context
from tests.federation.loopback import served
from tests.federation.worlds import our_node
from tests.matchmaker.people import ADDRESS, PASSWORD, user_of, with_password
from tests.web.browsers import signed_in
from tests.web.test_matches import stored
from web.app import create_app

pytestmark = pytest.mark.slow

FINDINGS = {1280: "Seizure", 360: "Ataxia"}  # of each width another person
NIAMH = "niamh@dublin.example.org"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with our_node(tmp_path_factory.mktemp("editing") / "home") as mm:
        for email in (ADDRESS, NIAMH):
            with_password(mm, email)
        yield create_app(mm)


@pytest.fixture(scope="module")
def url(app: Flask) -> Iterator[str]:
    with served(app) as where:
        yield where


@pytest.fixture
def aoife(browser: Browser, app: Flask, url: str) -> Iterator[BrowserContext]:
    context = signed_in_context(browser, app, signed_in(app), url, base_url=url)
    yield context
    context.close()


@pytest.fixture
def niamh(browser: Browser, app: Flask, url: str) -> Iterator[BrowserContext]:
    context = signed_in_context(browser, app, signed_in(app, NIAMH), url, base_url=url)
    yield context
    context.close()


def sign_in_again(page: Page) -> None:
    page.locator("input[name=email]").fill(ADDRESS)
    page.locator("input[name=password]").fill(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def end_sessions(app: Flask) -> None:
    mm = matchmaker_of(app)
    user = user_of(mm, ADDRESS)
    for session in own_account.sessions_of(mm, by=user):
        own_account.end_session(mm, session.id, by=user)


@pytest.mark.parametrize("width", FINDINGS)
def test_session_that_ends_while_somebody_types_loses_nothing(
    app: Flask, aoife: BrowserContext, artefacts: Path, width: int
) -> None:
    finding = FINDINGS[width]
    page = aoife.new_page()
    page.set_viewport_size({"width": width, "height": 740})
    page.goto("/cases/new")
    page.get_by_label("Your name for this case").fill(f"Typed before the coffee, {finding}")
    page.get_by_text("What you type is kept as a draft").wait_for()
    end_sessions(app)
    page.get_by_text("As lines of text", exact=True).click()
    page.locator("#findings").fill(finding)
    page.get_by_role("button", name="Store and match").click()

    expect(page.locator("#draft-state")).to_contain_text("sign in again in another window")
    page.screenshot(path=artefacts / f"session-ended-{width}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.get_by_label("Your name for this case")).to_have_value(f"Typed before the coffee, {finding}")
    other = aoife.new_page()
    other.goto("/login")
    sign_in_again(other)
    page.get_by_role("button", name="Store and match").click()
    page.get_by_text("The case is stored").wait_for()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Typed before the coffee")


def test_draft_is_there_after_signing_in_again(app: Flask, aoife: BrowserContext) -> None:
    page = aoife.new_page()
    page.goto("/cases/new")
    page.get_by_label("Your name for this case").fill("Typed before lunch")
    page.get_by_text("What you type is kept as a draft").wait_for()
    end_sessions(app)
    page.goto("/cases/new")
    assert "/login" in page.url
    sign_in_again(page)

    expect(page.get_by_label("Your name for this case")).to_have_value("Typed before lunch")
    page.get_by_role("button", name="Throw away").click()
    expect(page.get_by_label("Your name for this case")).to_have_value("")


@pytest.mark.parametrize("width", [1280, 360])
def test_second_of_two_people_sees_what_the_first_saved_and_keeps_what_he_typed(
    app: Flask, aoife: BrowserContext, niamh: BrowserContext, artefacts: Path, width: int
) -> None:
    case_id = stored(matchmaker_of(app), ADDRESS, "Róisín")
    first, second = aoife.new_page(), niamh.new_page()
    for page in (first, second):
        page.set_viewport_size({"width": width, "height": 740})
        page.goto(f"/cases/{case_id}/edit")
    first.locator("#notes").fill("Serum serine is low.")
    first.get_by_role("button", name="Save", exact=True).click()
    first.get_by_text("Saved.").wait_for()

    second.locator("#notes").fill("Ask for the serine.")
    second.get_by_role("button", name="Save", exact=True).click()
    second.get_by_text("A colleague saved this case while you were typing").wait_for()
    second.screenshot(path=artefacts / f"two-people-{width}.png")
    assert second.evaluate("document.documentElement.scrollWidth") <= width
    expect(second.locator("main")).to_contain_text("Serum serine is low.")
    expect(second.locator("#notes")).to_have_value("Ask for the serine.")
    second.locator("#notes").fill("Serum serine is low. Ask for it again.")
    second.get_by_role("button", name="Save", exact=True).click()
    second.get_by_text("Saved.").wait_for()
    expect(second.locator("main")).to_contain_text("Ask for it again.")
