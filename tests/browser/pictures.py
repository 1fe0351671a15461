"""Take the pictures of the documentation from the running demonstration: `make pictures`."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from matchmaker.demonstration.network import three_nodes

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FOLDER = Path(__file__).parents[2] / "docs" / "images"


def main() -> None:
    """Write `docs/images/match.png`, the match page at 1280 x 800."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with three_nodes(port=0) as nodes, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{nodes[0].url}/demonstration/")
        page.screenshot(path=FOLDER / "match.png")
        browser.close()


if __name__ == "__main__":
    main()
