"""Candidates come from a VCF: chosen, read, ticked, added; on a desk and on a telephone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from matchmaker.demonstration.nodes import DemoNode
from tests.browser.pictures import sign_in
from tests.matchmaker.variant_text import annotated, row, vcf

pytestmark = pytest.mark.slow

TEXT = vcf(
    row("1:100", "0/1", "0/0", "0/0", csq=annotated("BRCA2", hgvs="ENST00000380152.8:c.100G>A")),
    row("1:200", "1/1", "0/1", "0/1", csq=annotated("PHGDH", hgvs="NM_006623.4:c.1468G>A", often="0.00001")),
    row("1:300", "0/1", "0/1", "0/1", csq=annotated("TTN", often="0.3")),
)


@pytest.mark.parametrize("size", [(1280, 800), (360, 740)])
def test_candidates_of_a_trio_are_offered_ticked_and_added(
    page: Page, nodes: tuple[DemoNode, ...], artefacts: Path, size: tuple[int, int]
) -> None:
    width, finland = size[0], nodes[2]
    page.set_viewport_size({"width": width, "height": size[1]})
    sign_in(page, finland)
    page.goto(f"{finland.url}/cases/new")
    with page.expect_navigation():
        page.get_by_role("button", name="Throw away").click()
    page.locator("#findings").evaluate("area => { area.value = 'Microcephaly\\nSeizure\\nHypsarrhythmia'; }")
    page.get_by_text("Take candidates from a VCF").click()
    page.get_by_label("VCF file").set_input_files(
        files=[FilePayload(name="no.vcf", mimeType="text/plain", buffer=b"not one")]
    )
    expect(page.locator("#vcf-state")).to_contain_text("is no VCF")
    page.get_by_label("VCF file").set_input_files(
        files=[FilePayload(name="trio.vcf", mimeType="text/plain", buffer=TEXT.encode())]
    )
    page.get_by_label("Mother").select_option("mother")
    page.get_by_label("Father").select_option("father")
    expect(page.get_by_label("Assembly")).to_have_value("GRCh38")
    page.get_by_role("button", name="Find candidates").click()
    expect(page.locator("#vcf-found li")).to_have_count(2)
    expect(page.locator("#vcf-found li").first).to_contain_text("PHGDH")
    expect(page.locator("#vcf-state")).to_contain_text("1 in more than 1 % of people")
    page.screenshot(path=artefacts / f"vcf-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.get_by_role("checkbox", name="PHGDH").check()
    page.get_by_role("button", name="Add the ticked ones").click()

    line = "PHGDH; GRCh38 1-200-G-A; NM_006623.4:c.1468G>A; homozygous; biparental"
    assert page.locator("#genes").input_value() == line
    page.get_by_role("button", name="Throw away").click()
