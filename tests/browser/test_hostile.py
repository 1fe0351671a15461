"""Hostile text in a real browser: nothing of it runs, also where no policy of ours would stop it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request

from matchmaker.actors import Role
from matchmaker.current import matchmaker_of
from tests.browser.sessions import signed_in_context
from tests.federation.loopback import served
from tests.web import hostile_world
from tests.web.every_page import OwnObjects
from tests.web.hostile import strings
from tests.web.hostile_world import store_here, told_by_spain

pytestmark = pytest.mark.slow

N_SHOWN = 26  # two of each kind where each takes a page of its own
WRITE = """([id, text]) => {
  const area = document.getElementById(id);
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.dispatchEvent(new Event("change", { bubbles: true }));
}"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnObjects]:
    with hostile_world.opened(tmp_path_factory.mktemp("hostile")) as made:
        yield made


@pytest.fixture
def ran() -> list[str]:
    """What ran, or went elsewhere."""
    return []


@pytest.fixture
def page(browser: Browser, own: OwnObjects, ran: list[str]) -> Iterator[Page]:
    with served(own.app) as url:
        client = own.browser(Role.CLINICIAN)
        context = signed_in_context(browser, own.app, client, url, base_url=url, bypass_csp=True)
        opened = context.new_page()

        def dismiss(dialog: Dialog) -> None:
            ran.append(dialog.message)
            dialog.dismiss()

        def note(request: Request) -> None:
            if not request.url.startswith((url, "data:")):
                ran.append(request.url)

        opened.on("dialog", dismiss)
        opened.on("request", note)
        opened.on("pageerror", lambda error: ran.append(str(error)))
        yield opened
        context.close()


def look(page: Page, address: str) -> None:
    """Open a page and all that is folded away on it, and wait for what it would do at once."""
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    assert page.evaluate("[window.pwned ?? null, location.pathname]") == [None, address.partition("?")[0]]


def test_letters_notes_and_what_spain_told_run_nowhere(page: Page, own: OwnObjects, ran: list[str]) -> None:
    mm = matchmaker_of(own.app)
    look(page, f"/matches/{hostile_world.write(mm, own.case_id, strings())}")
    for hostile in strings()[:N_SHOWN]:
        match_id = told_by_spain(mm, own.case_id, hostile)
        if match_id is not None:
            look(page, f"/matches/{match_id}")
            look(page, f"/matches/{match_id}?view=grid")
    look(page, "/alerts")
    assert ran == []


def test_what_the_own_centre_stored_runs_nowhere(page: Page, own: OwnObjects, ran: list[str]) -> None:
    for hostile in strings()[:N_SHOWN]:
        store_here(matchmaker_of(own.app), own.case_id, hostile)
        for address in ("/cases/", f"/cases/{own.case_id}", f"/cases/{own.case_id}/edit"):
            look(page, address)
    assert ran == []


def test_what_scripts_make_of_five_hundred_lines_runs_nowhere(page: Page, ran: list[str]) -> None:
    look(page, "/cases/new")
    page.locator("#pick-terms").wait_for()
    lines = "\n".join(re.sub(r"[\0\r\n]", " ", text) for text in strings())
    page.evaluate(WRITE, ["findings", lines])
    page.locator(".picker[data-kind=terms] .picker-rows > li").nth(400).wait_for()
    page.evaluate(WRITE, ["genes", lines])
    page.locator(".picker[data-kind=genes] .picker-rows > li").nth(400).wait_for()
    page.evaluate(WRITE, ["letter", f"She has seizures. {lines[:15_000]}"])
    page.get_by_role("button", name="Find the findings").click()
    page.locator("#letter-read mark").first.wait_for()
    for hostile in strings()[:N_SHOWN]:
        page.locator("#pick-terms").fill(hostile)
    page.get_by_text("What you type is kept").wait_for()
    look(page, "/cases/new")
    assert ran == []
