"""Take the pictures of the documentation from the running demonstration: `make pictures`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from matchmaker.demonstration.network import at_work, three_nodes
from matchmaker.demonstration.nodes import DemoNode
from tests.browser.operated import CURATOR, operated
from tests.browser.release_change import change_release

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 120_000  # milliseconds: no picture is lost to a busy machine
LETTER = "Is her serine low? Ours was never measured."
ANSWER = "It is. Let us talk."
FOLDER = Path(__file__).parents[2] / "docs" / "images"


def sign_in(page: Page, node: DemoNode) -> None:
    """Sign in as the clinician of a node of the demonstration."""
    page.goto(f"{node.url}/login")
    page.locator("input[name=email]").fill(node.sign_in.email)
    page.locator("input[name=password]").fill(node.sign_in.password)
    page.locator("main [type=submit]").first.click()
    page.get_by_role("button", name="Sign out").wait_for()


def open_best_match(page: Page, node: DemoNode, *, case: str) -> None:
    """Sign in at a node of the demonstration, and open the best match of a case."""
    sign_in(page, node)
    page.goto(f"{node.url}/cases/")
    page.get_by_role("link", name=case).click()
    page.get_by_role("link", name="similar cases").click()


def tab_to(page: Page, place: Locator) -> None:
    """Press Tab until something has the focus, as somebody without a mouse does; at most once around the page."""
    for _ in range(200):
        if place.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{place} is never reached with Tab")


def until_shown(page: Page, place: Locator) -> None:
    """Load the page again, as somebody who waits does, until something is on it."""
    for _ in range(30):
        if place.count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    place.first.wait_for()


def open_alert(page: Page, node: DemoNode, *, case: str, of: str, gene: str) -> None:
    """Sign in at a node of the demonstration, and open what somebody was told of a case of another node."""
    sign_in(page, node)
    page.get_by_role("link", name="News").click()
    told = page.locator("#alerts li").filter(has_text=gene).filter(has_text=f"a case of {of}")
    told.get_by_role("link", name=case).click()


def main() -> None:
    """Write the pictures of `docs/images`, on the ways that the guides for clinicians and curators describe."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        of_curators(browser)
        of_clinicians(browser)
        browser.close()


def a_page(browser: Browser) -> Page:
    """A page on a desk, of somebody who is not signed in yet."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(PATIENCE)
    return page


def of_curators(browser: Browser) -> None:
    """Change the release of a node that has another one in use."""
    page = a_page(browser)
    with tempfile.TemporaryDirectory() as folder, operated(Path(folder)) as node:
        node.sign_in(page, CURATOR)
        change_release(page, node.url, pictures=FOLDER)


def of_clinicians(browser: Browser) -> None:
    """Write to a colleague of another node, who confirms the match."""
    with three_nodes(port=0) as nodes, at_work(nodes):
        dublin, madrid = a_page(browser), a_page(browser)
        open_best_match(dublin, nodes[0], case="Martin")
        dublin.screenshot(path=FOLDER / "match.png")
        dublin.get_by_label("Your letter to the colleague").fill(LETTER)
        dublin.get_by_role("button", name="Send").click()
        dublin.get_by_text("Your letter is on its way").wait_for()
        open_alert(madrid, nodes[1], case="Girl in Madrid", of="Ireland", gene="PHGDH")
        madrid.locator("main").screenshot(path=FOLDER / "alert.png")
        madrid.get_by_role("link", name="Open the match").click()
        until_shown(madrid, madrid.get_by_text(LETTER))
        madrid.get_by_label("Your letter to the colleague").fill(ANSWER)
        madrid.get_by_role("button", name="Send").click()
        madrid.get_by_label("Status").select_option("confirmed")
        madrid.get_by_role("button", name="Save").click()
        until_shown(dublin, dublin.get_by_text(ANSWER))
        dublin.locator("section[aria-labelledby=write]").screenshot(path=FOLDER / "letters.png")
        until_shown(dublin, dublin.locator("#confirmed-there"))
        dublin.locator("section[aria-labelledby=status]").screenshot(path=FOLDER / "confirmed.png")
        dublin.goto(f"{nodes[0].url}/cases/new")
        dublin.get_by_role("combobox", name="Type a finding").fill("small head")
        dublin.locator("#pick-terms-list [role=option]").first.wait_for()
        dublin.screenshot(path=FOLDER / "new-case.png")


if __name__ == "__main__":
    main()
