"""The work list of a centre, for its clinicians and its curators."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask

from matchmaker import cases
from matchmaker.actors import SYSTEM, Role
from matchmaker.model import CaseId
from matchmaker.service import Matchmaker
from tests.builders import a_case, a_feature
from tests.matchmaker.people import ADDRESS
from tests.web.browsers import signed_in, submit

NERVOUS_SYSTEM, SEIZURE, MYOCLONIC = "HP:0000707", "HP:0001250", "HP:0002123"


@pytest.fixture
def case_id(app: Flask, sqlite_mm: Matchmaker) -> CaseId:
    signed_in(app)
    features = [a_feature(NERVOUS_SYSTEM), a_feature(MYOCLONIC), a_feature(SEIZURE, excluded=True)]
    case = a_case(owner=ADDRESS, local_id="Dublin-7", label="Martin", features=features)
    return cases.submit(sqlite_mm, case, by=SYSTEM).case_id


def _fixes(page: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'name="fix" value="([^"]+)"', page)]


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.CURATOR])
def test_change_is_shown_before_it_is_made_and_made_by_one_click(
    app: Flask, sqlite_mm: Matchmaker, case_id: CaseId, role: Role
) -> None:
    browser = signed_in(app, f"{role}@dublin.example.org", role=role)
    page = browser.get("/worklist/").text
    assert "Abnormality of the nervous system" in page
    assert "taken out" in page
    assert ("Martin" in page) == (role is Role.CLINICIAN)  # a curator sees what the case is called, and no name

    for fix in _fixes(page)[:1]:
        submit(browser, f"/worklist/{case_id}", page="/worklist/", fix=fix, version="1")

    assert [one.term for one in cases.get(sqlite_mm, case_id, by=SYSTEM).case.features] == [NERVOUS_SYSTEM, MYOCLONIC]
    assert "contradicts" not in browser.get("/worklist/").text


def test_fix_that_is_gone_or_of_another_version_changes_nothing(
    app: Flask, sqlite_mm: Matchmaker, case_id: CaseId
) -> None:
    browser = signed_in(app)
    before = cases.get(sqlite_mm, case_id, by=SYSTEM)

    for fix, version in (("", "1"), ("remove-term HP:9", "1"), (f"remove-term {NERVOUS_SYSTEM}", "9")):
        submit(browser, f"/worklist/{case_id}", page="/worklist/", fix=fix, version=version)
        assert "alert-warning" in browser.get("/worklist/").text

    assert cases.get(sqlite_mm, case_id, by=SYSTEM) == before


def test_curator_without_a_centre_is_told_why_there_is_nothing(app: Flask, case_id: CaseId) -> None:
    browser = signed_in(app, "curator@example.org", role=Role.CURATOR, centre=None)

    assert "belongs to no centre" in browser.get("/worklist/").text


def test_curator_of_another_centre_reaches_nothing(app: Flask, sqlite_mm: Matchmaker, case_id: CaseId) -> None:
    browser = signed_in(app, "curator@cork.example.org", role=Role.CURATOR, centre="Cork")
    fields = {"fix": f"remove-term {NERVOUS_SYSTEM}", "version": "1"}

    assert "Dublin-7" not in browser.get("/worklist/").text
    assert submit(browser, f"/worklist/{case_id}", page="/account/", **fields).status_code == 404
