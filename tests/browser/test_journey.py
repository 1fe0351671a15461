"""From a boy in Dublin to a colleague in Madrid and back; a case entered with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from matchmaker.demonstration.nodes import DemoNode
from tests.browser.pictures import ANSWER, LETTER, open_alert, open_best_match, sign_in, tab_to, until_shown

pytestmark = pytest.mark.slow

Nodes = tuple[DemoNode, ...]
DESK, TELEPHONE = ViewportSize(width=1280, height=800), ViewportSize(width=360, height=740)
PATIENCE = 30_000  # milliseconds: the machine may be busy


@pytest.fixture
def pages(browser: Browser) -> Iterator[tuple[Page, Page]]:
    """A browser in Dublin and one in Madrid."""
    contexts = [browser.new_context(viewport=DESK) for _ in range(2)]
    opened = [context.new_page() for context in contexts]
    for page in opened:
        page.set_default_timeout(PATIENCE)
    yield opened[0], opened[1]
    for context in contexts:
        context.close()


def test_letter_goes_from_dublin_to_madrid_and_back(pages: tuple[Page, Page], nodes: Nodes, artefacts: Path) -> None:
    dublin, madrid = pages
    open_best_match(dublin, nodes[0], case="Martin")
    letter = dublin.get_by_label("Your letter to the colleague")
    assert "PHGDH" in letter.input_value()
    letter.fill(LETTER)
    dublin.get_by_role("button", name="Send").click()
    dublin.get_by_text("Your letter is on its way").wait_for()
    dublin.screenshot(path=artefacts / "letter-sent.png", full_page=True)

    open_alert(madrid, nodes[1], case="Girl in Madrid", of="Ireland", gene="PHGDH")
    madrid.screenshot(path=artefacts / "alert-in-madrid.png")
    madrid.get_by_role("link", name="Open the match").click()
    expect(madrid.locator("#matches ol [aria-current=true]")).to_contain_text("Ireland")
    until_shown(madrid, madrid.get_by_text(LETTER))
    madrid.get_by_label("Your letter to the colleague").fill(ANSWER)
    madrid.get_by_role("button", name="Send").click()
    madrid.get_by_label("Status").select_option("confirmed")
    madrid.get_by_role("button", name="Save").click()
    madrid.get_by_text("this match is confirmed").wait_for()
    madrid.screenshot(path=artefacts / "confirmed-in-madrid.png", full_page=True)

    until_shown(dublin, dublin.get_by_text(ANSWER))
    until_shown(dublin, dublin.locator("#confirmed-there"))
    expect(dublin.locator("#confirmed-there")).to_contain_text("Spain")
    dublin.screenshot(path=artefacts / "answer-in-dublin.png", full_page=True)
    madrid.reload()
    expect(madrid.locator("#told-there")).to_contain_text("Ireland was told")
    dublin.get_by_label("Status").select_option("confirmed")
    dublin.get_by_role("button", name="Save").click()
    expect(dublin.locator("h1")).to_contain_text("confirmed by both sides")


def test_martins_colleague_is_found_and_written_to_on_a_telephone(
    browser: Browser, nodes: Nodes, artefacts: Path
) -> None:
    context = browser.new_context(viewport=TELEPHONE, has_touch=True)
    context.set_default_timeout(PATIENCE)
    dublin, madrid = context.new_page(), context.new_page()

    def fits(page: Page, name: str) -> None:
        page.wait_for_load_state()  # before its style it is as wide as it likes
        assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"], name
        page.screenshot(path=artefacts / f"telephone-{name}.png", full_page=True)

    open_best_match(dublin, nodes[0], case="Martin")
    fits(dublin, "match")
    dublin.get_by_role("link", name="Write to the colleague").tap()
    letter = dublin.get_by_label("Your letter to the colleague")
    expect(letter).to_be_in_viewport()
    letter.fill("I write from the train.")
    dublin.get_by_role("button", name="Send").tap()
    dublin.get_by_text("Your letter is on its way").wait_for()
    fits(dublin, "letter-sent")

    open_alert(madrid, nodes[1], case="Girl in Madrid", of="Ireland", gene="PHGDH")
    fits(madrid, "alert")
    madrid.get_by_role("link", name="Open the match").tap()
    expect(madrid.get_by_label("Your letter to the colleague")).to_be_visible()
    fits(madrid, "answer")
    context.close()


def test_way_from_signing_in_to_the_colleague_needs_the_keyboard_alone(
    pages: tuple[Page, Page], nodes: Nodes, artefacts: Path
) -> None:
    page, _ = pages
    page.goto(f"{nodes[0].url}/login")

    def press(place: Locator) -> None:
        tab_to(page, place)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    for typed in (nodes[0].sign_in.email, nodes[0].sign_in.password):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    press(page.locator("main [type=submit]").first)
    press(page.get_by_role("link", name="Martin").first)
    press(page.get_by_role("link", name="similar cases"))
    expect(page.locator("#matches ol [aria-current=true]")).to_contain_text("Spain")
    tab_to(page, page.get_by_label("Your letter to the colleague"))
    page.keyboard.press("Control+A")
    page.keyboard.type("We sent the serum today.")
    page.screenshot(path=artefacts / "letter-by-keyboard.png")
    press(page.get_by_role("button", name="Send"))

    page.get_by_text("Your letter is on its way").wait_for()
    expect(page.locator("main")).to_contain_text("We sent the serum today.")


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_quick_case_takes_at_most_twelve_interactions(
    pages: tuple[Page, Page], nodes: Nodes, artefacts: Path, hand: str
) -> None:
    page, _ = pages
    sign_in(page, nodes[2])
    page.goto(f"{nodes[2].url}/cases/new")
    with page.expect_navigation():
        page.get_by_role("button", name="Throw away").click()  # whatever was typed before
    interactions = 0

    def act(reach: Locator | None = None, *, type_: str = "") -> None:
        """Type, or press what is there to be pressed: each one interaction, whoever has the focus."""
        nonlocal interactions
        interactions += 1
        if type_:
            page.keyboard.type(type_)
        elif reach is not None and hand == "mouse":
            reach.click()
        elif reach is not None:
            tab_to(page, reach)
        else:
            page.keyboard.press("Enter")

    def take(kind: str, typed: str, shown: str) -> None:
        act(type_=typed)
        first = page.locator(f"#pick-{kind}-list [role=option]").first
        expect(first).to_contain_text(shown)
        act(first if hand == "mouse" else None)
        expect(page.locator(f".picker[data-kind={kind}] .picker-rows")).to_contain_text(shown)

    findings = {"mouse": ("microceph", "seizure", "hypsarr"), "keyboard": ("deafness", "ataxia", "nystagm")}[hand]
    shown = {"mouse": ("Microcephaly", "Seizure", "Hypsarrhythmia"), "keyboard": ("Hearing", "Ataxia", "Nystagmus")}
    act(page.get_by_role("combobox", name="Type a finding"))
    for typed, label in zip(findings, shown[hand], strict=True):
        take("terms", typed, label)
    act(page.get_by_role("combobox", name="Type a gene"))
    take("genes", "PHGDH", "PHGDH")
    page.screenshot(path=artefacts / f"quick-case-{hand}.png", full_page=True)
    act(page.get_by_role("button", name="Store and match"))
    if hand == "keyboard":
        act()
    page.get_by_text("The case is stored").wait_for()

    assert interactions <= 12


def test_letter_of_a_doctor_is_marked_up_and_taken_piece_by_piece(
    pages: tuple[Page, Page], nodes: Nodes, artefacts: Path
) -> None:
    page, _ = pages
    sign_in(page, nodes[2])
    page.goto(f"{nodes[2].url}/cases/new")
    page.get_by_role("button", name="Throw away").click()  # whatever was typed before
    page.get_by_text("Paste a letter").click()
    page.get_by_label("A paragraph of a letter").fill("She has microcephaly and no seizures. Her mother has migraine.")
    page.get_by_role("button", name="Find the findings").click()
    page.locator("#letter-read mark").nth(2).wait_for()
    page.screenshot(path=artefacts / "letter-read.png", full_page=True)

    page.get_by_role("button", name="take: Microcephaly", exact=True).click()
    page.get_by_role("button", name="take: Seizure: not present", exact=True).click()

    lines = page.locator("#findings").input_value().splitlines()
    assert lines == ["Microcephaly (HP:0000252)", "no Seizure (HP:0001250)"]


def test_what_was_typed_is_there_after_the_browser_was_closed(pages: tuple[Page, Page], nodes: Nodes) -> None:
    page, other = pages
    sign_in(page, nodes[2])
    page.goto(f"{nodes[2].url}/cases/new")
    page.get_by_label("Your name for this case").fill("Typed before lunch")
    page.get_by_text("What you type is kept as a draft").wait_for()

    sign_in(other, nodes[2])
    other.goto(f"{nodes[2].url}/cases/new")
    expect(other.get_by_label("Your name for this case")).to_have_value("Typed before lunch")
    other.get_by_role("button", name="Throw away").click()


@pytest.mark.parametrize("width", [360, 1280])
def test_pages_are_no_wider_than_the_screen_and_break_no_rule(
    pages: tuple[Page, Page], nodes: Nodes, artefacts: Path, width: int
) -> None:
    page, _ = pages
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.set_viewport_size({"width": width, "height": 740})
    sign_in(page, nodes[0])
    for name in ("cases/", "cases/new", "matches", "account/"):
        page.goto(f"{nodes[0].url}/{name}")
        page.screenshot(path=artefacts / f"{name.strip('/').replace('/', '-')}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert complaints == []
