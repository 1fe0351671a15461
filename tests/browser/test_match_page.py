"""The match page in a real browser, on a desk and on a telephone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from matchmaker.demonstration.nodes import DemoNode
from tests.browser.pictures import open_best_match

pytestmark = pytest.mark.slow

DESK, TELEPHONE = (1280, 800), (360, 740)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def _open(page: Page, ireland: DemoNode, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_best_match(page, ireland, case="Martin")


def test_why_how_strong_who_and_what_next_need_no_scrolling_on_a_desk(
    page: Page, ireland: DemoNode, artefacts: Path
) -> None:
    _open(page, ireland, DESK)
    page.screenshot(path=artefacts / "match-1280.png")

    for question in ("Why", "How strong", "Who", "What next"):
        box = page.get_by_role("heading", name=question, exact=True).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= DESK[1]


@pytest.mark.parametrize("size", [DESK, TELEPHONE])
def test_page_is_no_wider_than_the_screen(
    page: Page, ireland: DemoNode, size: tuple[int, int], artefacts: Path
) -> None:
    _open(page, ireland, size)
    page.screenshot(path=artefacts / f"match-{size[0]}-full.png", full_page=True)

    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_girl_in_spain_comes_first_with_her_reasons(page: Page, ireland: DemoNode) -> None:
    _open(page, ireland, DESK)

    assert "Spain" in page.locator("#matches ol [aria-current=true]").inner_text()
    facts = page.locator(".fact-card").all_inner_texts()
    assert "PHGDH" in facts[0]
    assert "Worth testing" in facts[3]
    assert "Hyposerinemia" in facts[3]


def test_page_asks_nobody_else_and_breaks_no_rule_of_its_policy(page: Page, ireland: DemoNode) -> None:
    asked: list[str] = []
    complaints: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.on("console", lambda message: complaints.append(message.text))
    _open(page, ireland, DESK)

    assert asked
    assert all(url.startswith(ireland.url) for url in asked)
    assert complaints == []


def test_second_match_opens_with_the_keyboard(page: Page, ireland: DemoNode) -> None:
    _open(page, ireland, DESK)
    first = page.url
    second = page.locator("#matches ol a").nth(1)
    second.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != first)

    assert page.locator("#matches ol [aria-current=true]").count() == 1
