"""How the match page offers to write to a node that takes no letters: where it says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from federation import standing
from federation.told import Told
from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.model import Contact, NodeName, Score
from matchmaker.service import Matchmaker
from tests.builders import a_case, a_feature
from tests.web.browsers import ADDRESS, signed_in

FINDINGS = [a_feature("HP:0000252"), a_feature("HP:0001250")]


def page_of(app: Flask, mm: Matchmaker, href: str) -> str:
    """The match page of a case whose like a node told of, with this address to write to."""
    ours = cases.submit(mm, a_case(owner=ADDRESS, features=FINDINGS), by=SYSTEM)
    case = cases.get(mm, ours.case_id, by=SYSTEM).case
    other = replace(a_case(features=FINDINGS), contact=Contact(name="Somebody", href=href))
    what = Told(node=NodeName("elsewhere"), case=other, asked_by_us=True)
    with mm.transaction() as db:
        standing.record_told(mm, db, case, what=what, score=Score(total=0.5, phenotype=0.5, genotype=0.0))
    browser = signed_in(app)
    answer = browser.get(browser.get(f"/cases/{case.id}/matches").location)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.slow
def test_page_of_the_other_node_is_a_link(app: Flask, sqlite_mm: Matchmaker) -> None:
    assert 'href="https://elsewhere.example.org/write"' in page_of(
        app, sqlite_mm, "https://elsewhere.example.org/write"
    )


def test_mailbox_opens_the_mail_program_with_the_draft(app: Flask, sqlite_mm: Matchmaker) -> None:
    page = page_of(app, sqlite_mm, "mailto:genetics@elsewhere.example.org")

    assert 'href="mailto:genetics@elsewhere.example.org?subject=' in page
    assert "Dear%20colleague" in page
