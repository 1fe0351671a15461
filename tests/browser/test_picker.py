"""The pickers of the case form: by keyboard alone, up and down the tree, and a pasted list of genes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from matchmaker.demonstration.nodes import DemoNode
from tests.browser.pictures import sign_in

pytestmark = pytest.mark.slow

PATIENCE = 30_000  # milliseconds: the machine may be busy
# fmt: off
GENES = (
    "PHGDH", "SHANK3", "MECP2", "SCN1A", "SCN2A", "SCN8A", "KCNQ2", "KCNQ3", "STXBP1",
    "CDKL5", "FOXG1", "ARX", "TSC1", "TSC2", "PTEN", "NSD1", "EZH2", "CREBBP",
    "EP300", "KMT2D", "KDM6A", "ARID1B", "ARID1A", "SMARCB1", "SMARCA4", "CHD7", "CHD8",
    "ANKRD11", "DYRK1A", "SYNGAP1", "GRIN2B", "GRIN1", "GRIN2A", "GABRB3", "GABRA1", "HNRNPU",
)
# fmt: on
LIST = "\n".join([*GENES, "SEPT2", "NOSUCHGENE", "ENSG00000092621; NM_006623.4:c.1468G>A; het", "HGNC:14294"])
PASTE = """(text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text", text);
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData, cancelable: true }));
}"""


@pytest.fixture
def page(browser: Browser, nodes: tuple[DemoNode, ...]) -> Iterator[Page]:
    """A new case in Helsinki, empty."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    sign_in(opened, nodes[2])
    opened.goto(f"{nodes[2].url}/cases/new")
    with opened.expect_navigation():
        opened.get_by_role("button", name="Throw away").click()
    opened.locator("#pick-genes").wait_for()
    yield opened
    context.close()


def lines(page: Page, area: str = "findings") -> list[str]:
    return page.locator(f"#{area}").input_value().splitlines()


def typed(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.locator("#pick-terms-list [role=option]").first.wait_for()


def store(page: Page) -> None:
    """Store it with the keyboard; the same case from another width is said to be somebody else."""
    for _ in range(2):
        page.get_by_role("button", name="Store and match").focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        twin = page.get_by_role("checkbox", name="It is somebody else")
        if not twin.count():
            break
        twin.check()
    expect(page.get_by_role("alert")).to_contain_text("The case is stored")


@pytest.mark.parametrize("width", [1280, 360])
def test_findings_are_picked_browsed_and_described_with_the_keyboard_alone(
    page: Page, artefacts: Path, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    picker = page.get_by_role("combobox", name="Type a finding")
    picker.focus()
    typed(page, "small head")
    expect(picker).to_have_attribute("aria-expanded", "true")
    active = page.locator(f"#{picker.get_attribute('aria-activedescendant')}")
    expect(active).to_contain_text("everyday word: Small head")
    page.screenshot(path=artefacts / f"picker-{width}.png")
    page.keyboard.press("Enter")
    typed(page, "hearing impairment")
    page.keyboard.press("Shift+Enter")
    assert lines(page) == ["Microcephaly (HP:0000252)", "no Hearing impairment (HP:0000365)"]

    typed(page, "seizure")
    page.keyboard.press("Alt+ArrowRight")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Abnormal nervous system physiology")
    page.screenshot(path=artefacts / f"tree-{width}.png")
    dialog.get_by_role("button", name="Focal-onset seizure").focus()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading")).to_contain_text("Focal-onset seizure")
    expect(dialog.get_by_role("heading")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Take as present")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(picker).to_be_focused()
    assert lines(page)[-1] == "Focal-onset seizure (HP:0007359)"

    page.locator(".picker-details summary").nth(2).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Severity: Focal-onset seizure").select_option("Severe")
    page.get_by_label("Onset: Focal-onset seizure").select_option("Infantile onset")
    page.get_by_label("Present or not: Microcephaly").select_option("unknown")
    page.screenshot(path=artefacts / f"picked-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert lines(page) == [
        "? Microcephaly (HP:0000252)",
        "no Hearing impairment (HP:0000365)",
        "Focal-onset seizure (HP:0007359); onset: Infantile onset; severity: Severe",
    ]
    store(page)


def test_escape_closes_the_tree_and_the_list_and_keeps_what_was_typed(page: Page) -> None:
    picker = page.get_by_role("combobox", name="Type a finding")
    picker.focus()
    typed(page, "seizure")
    page.keyboard.press("Alt+ArrowRight")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    expect(picker).to_be_focused()
    expect(picker).to_have_value("seizure")
    page.keyboard.press("ArrowDown")
    page.locator("#pick-terms-list [role=option]").first.wait_for()
    page.keyboard.press("Escape")
    expect(picker).to_have_attribute("aria-expanded", "false")
    assert lines(page) == []


@pytest.mark.parametrize("width", [1280, 360])
def test_forty_genes_are_pasted_at_once_and_the_doubtful_ones_asked(page: Page, artefacts: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    page.get_by_role("combobox", name="Type a gene").focus()
    page.evaluate(PASTE, LIST)
    rows = page.locator(".picker[data-kind=genes] .picker-rows > li")
    expect(rows).to_have_count(39)  # one gene is named twice, in different words
    page.screenshot(path=artefacts / f"genes-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    expect(rows.filter(has_text="NOSUCHGENE")).to_contain_text("is no gene that we know")
    page.get_by_role("button", name="Remove: NOSUCHGENE").click()
    rows.filter(has_text="SEPT2").get_by_role("button", name="SEPTIN2").click()
    assert lines(page, "genes") == [*GENES, "SEPTIN2", "PHGDH; NM_006623.4:c.1468G>A; het"]
    store(page)


def test_alias_of_several_genes_is_asked_and_never_guessed(page: Page) -> None:
    picker = page.get_by_role("combobox", name="Type a gene")
    picker.focus()
    page.keyboard.type("SEPT2")
    page.get_by_text("This names several genes").first.wait_for()
    page.keyboard.press("Enter")
    assert lines(page, "genes") == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert len(lines(page, "genes")) == 1
