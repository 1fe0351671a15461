"""Cases come in from a spreadsheet: chosen, checked row by row, stored; on a desk and on a telephone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from matchmaker.demonstration.nodes import DemoNode
from tests.browser.pictures import sign_in

pytestmark = pytest.mark.slow

SHEET = """id;name;sex;findings;genes;basis;sharing
IMP-1;Girl from the south;female;Microcephaly; SHANK3;consent;eea
IMP-2;Boy with a slip;male;seizre, small head;2-Sep;;
IMP-3;Nothing known;;seizre;;;
IMP-4;Same as the first;female;Microcephaly;SHANK3;;
"""


@pytest.mark.parametrize("size", [(1280, 800), (360, 740)])
def test_spreadsheet_is_checked_and_stored_from_upload_to_the_list(
    page: Page, nodes: tuple[DemoNode, ...], artefacts: Path, size: tuple[int, int]
) -> None:
    finland, width = nodes[2], size[0]
    page.set_viewport_size({"width": width, "height": size[1]})
    sheet = SHEET.replace("IMP-", f"IMP-{width}-")
    sign_in(page, finland)
    page.get_by_role("link", name="Import", exact=True).click()
    page.screenshot(path=artefacts / f"import-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    file = FilePayload(name="cases.csv", mimeType="text/csv", buffer=sheet.encode("cp1252"))
    page.get_by_label("Spreadsheets (.xlsx, .csv)").set_input_files(files=[file])
    page.get_by_role("button", name="Show what it would do").click()

    page.get_by_role("heading", name="What the import would do").wait_for()
    page.screenshot(path=artefacts / f"import-check-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator("#rejected")).to_contain_text("did you mean Seizure")
    expect(page.locator("#kept")).to_contain_text("SEPTIN2")
    page.get_by_role("button", name="Store the ticked rows").click()

    page.get_by_text("stored").first.wait_for()
    page.get_by_role("link", name="Boy with a slip").first.click()
    expect(page.get_by_role("heading", name="Boy with a slip")).to_be_visible()
    assert page.get_by_text("Microcephaly").count()
