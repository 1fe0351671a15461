"""Known diseases beside a case, and what the annotations say of a shared gene."""

from __future__ import annotations

from flask import Flask

from matchmaker.model import CaseId
from matchmaker.service import Matchmaker
from tests.web.browsers import ADDRESS, signed_in
from tests.web.test_matches import best, case_id, stored

__all__ = ["case_id"]


def test_diseases_like_a_case_are_told_with_how_far_to_trust_them(app: Flask, case_id: CaseId) -> None:
    page = signed_in(app).get(f"/cases/{case_id}/diseases").text

    assert page.count("https://omim.org/entry/") + page.count("https://www.orpha.net/") >= 10
    assert "no diagnosis" in page
    assert "45 of 100" in page
    assert "<strong>PHGDH</strong>" in page


def test_case_without_findings_looks_like_no_disease(app: Flask, sqlite_mm: Matchmaker) -> None:
    browser = signed_in(app)
    bare = stored(sqlite_mm, ADDRESS, "Bare", features=[])

    assert "looks like no disease" in browser.get(f"/cases/{bare}/diseases").text


def test_shared_gene_has_its_diseases_with_findings_and_papers(app: Flask, case_id: CaseId) -> None:
    _, page = best(app, case_id)

    assert "Phosphoglycerate dehydrogenase deficiency" in page.text
    assert "It has 3 of the 3 findings of Martin." in page.text
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/' in page.text
    assert "autosomal recessive inheritance" in page.text
