"""Signing in with a real browser: keyboard only, second step, small screens, nothing against the policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from matchmaker.demonstration.nodes import DemoNode
from tests.matchmaker.people import PASSWORD, code_of, with_password

pytestmark = pytest.mark.slow

DESK, TELEPHONE = (1280, 800), (360, 740)
ON_ACCOUNT_PAGE = re.compile(r"^[^?]*/account/$")
OWN = "somebody@dublin.example.org"


@pytest.fixture
def complaints() -> list[str]:
    """What the browser says against the page, such as a broken rule of its policy."""
    return []


@pytest.fixture
def page(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": DESK[0], "height": DESK[1]})
    opened = context.new_page()
    # What was cleared at sign-out is told as well, and no complaint.
    opened.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    yield opened
    context.close()


@pytest.fixture(scope="module")
def own_account(ireland: DemoNode) -> str:
    """An account that no other test signs in with."""
    with_password(ireland.mm, OWN)
    return OWN


def _sign_in(page: Page, node: DemoNode, email: str, password: str) -> None:
    page.goto(f"{node.url}/account/")
    _wait_for_focus(page, "email")
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _wait_for_focus(page: Page, name: str) -> None:
    """The page puts the cursor into its first field."""
    page.wait_for_function("name => document.activeElement.name === name", arg=name)


def test_clinician_of_the_demonstration_signs_in_and_out_with_the_keyboard(
    page: Page, ireland: DemoNode, complaints: list[str], artefacts: Path
) -> None:
    page.goto(f"{ireland.url}/login")
    page.screenshot(path=artefacts / "login-1280.png")
    _sign_in(page, ireland, ireland.sign_in.email, ireland.sign_in.password)

    page.wait_for_url(ON_ACCOUNT_PAGE)
    assert page.get_by_text(ireland.sign_in.email).first.is_visible()
    page.get_by_role("banner").get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/login")
    page.go_back()
    page.reload()
    assert "/login" in page.url
    assert complaints == []


def test_second_step_is_set_up_and_asked_for(
    page: Page, ireland: DemoNode, own_account: str, complaints: list[str], artefacts: Path
) -> None:
    _sign_in(page, ireland, own_account, PASSWORD)
    page.get_by_role("link", name="Set up an app").click()
    picture = page.get_by_role("img", name="QR code")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    page.screenshot(path=artefacts / "second-factor-1280.png")
    secret = page.locator("code.who").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(code_of(secret, steps=-1))
    page.keyboard.press("Enter")
    page.wait_for_selector("#recovery-codes li")
    recovery = page.locator("#recovery-codes li").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    page.screenshot(path=artefacts / "account-1280.png", full_page=True)
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")

    _sign_in(page, ireland, own_account, PASSWORD)
    page.wait_for_url("**/login/code**")
    _wait_for_focus(page, "code")
    page.keyboard.type("000000")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_text("is not right, or was used").is_visible()
    page.get_by_label("Code").fill(recovery)
    page.keyboard.press("Enter")
    page.wait_for_url(ON_ACCOUNT_PAGE)
    assert "Recovery codes left: 9" in page.content()
    assert [text for text in complaints if "422" not in text] == []


@pytest.mark.parametrize("address", ["login", "login/forgotten", "account/", "account/second-factor", "api/docs"])
@pytest.mark.parametrize("size", [DESK, TELEPHONE])
def test_page_is_no_wider_than_the_screen(
    page: Page, ireland: DemoNode, address: str, size: tuple[int, int], artefacts: Path
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    if address.startswith("account"):
        _sign_in(page, ireland, ireland.sign_in.email, ireland.sign_in.password)
    page.goto(f"{ireland.url}/{address}")
    for folded in page.locator("details").all():
        folded.evaluate("details => { details.open = true }")
    page.screenshot(path=artefacts / f"{address.strip('/').replace('/', '-')}-{size[0]}.png", full_page=True)

    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
