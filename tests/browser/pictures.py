"""Take the pictures of the documentation from the running demonstration: `make pictures`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

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


def main() -> None:
    """Write the pictures of `docs/images`, at 1280 x 800."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        for take in (_of_clinicians, _of_curators):
            take(page)
        browser.close()


def _of_clinicians(page: Page) -> None:
    with three_nodes(port=0) as nodes, at_work(nodes):
        open_best_match(page, nodes[0], case="Martin")
        page.screenshot(path=FOLDER / "match.png")
        page.goto(f"{nodes[0].url}/cases/new")
        page.get_by_label("Type a finding").fill("small head")
        page.locator("#pick-terms-list [role=option]").first.wait_for()
        page.screenshot(path=FOLDER / "new-case.png")


def _of_curators(page: Page) -> None:
    with tempfile.TemporaryDirectory() as home, operated(Path(home)) as node:
        node.sign_in(page, CURATOR)
        change_release(page, node.url, pictures=FOLDER)


if __name__ == "__main__":
    main()
