"""A change of the release in a browser, as docs/curators.md tells it; the pictures there are taken on the way."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.ontology import older

SHIPPED = "2025-01-16"


def change_release(page: Page, url: str, *, pictures: Path) -> None:
    """Compare the older release in use with the shipped one, decide what is ambiguous, and adopt it."""
    page.goto(f"{url}/releases/")
    page.screenshot(path=pictures / "releases.png")
    page.get_by_label("From").select_option(label=older.DATE)
    page.get_by_label("To", exact=True).select_option(label=SHIPPED)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Comparing two releases")).to_be_visible()
    compared = page.get_by_role("heading", name=f"From {older.DATE} to {SHIPPED}")
    compared.wait_for(timeout=300_000)
    page.locator("summary").first.click()
    page.screenshot(path=pictures / "release-comparison.png")
    page.get_by_role("link", name="Obsolete terms").click()
    expect(page.locator("main")).to_contain_text("Difficulty walking")
    page.screenshot(path=pictures / "release-obsolete.png")
    page.get_by_role("link", name=f"Adopt {SHIPPED}").click()
    page.get_by_role("link", name="Decide first").click()
    page.get_by_label("Abnormal heart valve morphology").check()
    page.screenshot(path=pictures / "release-ambiguous.png")
    page.get_by_role("button", name="Decide").first.click()
    expect(page.locator("main")).to_contain_text("decided")
    page.goto(f"{url}/releases/")
    page.get_by_role("row", name=SHIPPED).get_by_role("link", name="Adopt").click()
    page.screenshot(path=pictures / "release-adopt.png")
    page.get_by_role("button", name=f"Adopt {SHIPPED}").click()
    expect(page.locator("main")).to_contain_text(f"In use: release {SHIPPED}")
