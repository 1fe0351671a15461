"""The page of completeness, and the elements as CSV out of the node and in again."""

from __future__ import annotations

import csv
import io

from flask import Flask

from matchmaker import cases
from matchmaker.actors import SYSTEM, Role
from matchmaker.minimal_data import Element
from matchmaker.service import Matchmaker
from tests.builders import a_case
from tests.matchmaker.people import ADDRESS
from tests.web.browsers import signed_in
from web.quality_page import WORDS


def test_every_element_has_words() -> None:
    assert WORDS.keys() == set(Element)


def test_clinician_sees_what_is_missing_and_fetches_the_elements(app: Flask, sqlite_mm: Matchmaker) -> None:
    browser = signed_in(app)
    cases.submit(sqlite_mm, a_case(owner=ADDRESS, local_id="D-1", label="the girl"), by=SYSTEM)

    page = browser.get("/quality/").text
    sheet = browser.get("/imports/template?filled=1&form=minimal")

    assert "the girl" in page
    assert "candidate genes" in page
    assert sheet.headers["Content-Disposition"] == 'attachment; filename="minimal-data-set.csv"'
    (row,) = csv.DictReader(io.StringIO(sheet.data.decode("utf-8-sig")))
    assert (row["id"], row["basis"], row["birth month"]) == ("D-1", "consent", "")
    assert "the girl" not in sheet.text


def test_curator_sees_the_pseudonym_and_no_name(app: Flask, sqlite_mm: Matchmaker) -> None:
    signed_in(app)
    cases.submit(sqlite_mm, a_case(owner=ADDRESS, local_id="D-1", label="the girl"), by=SYSTEM)

    page = signed_in(app, "curator@dublin.example.org", role=Role.CURATOR).get("/quality/").text

    assert "D-1" in page
    assert "the girl" not in page


def test_operator_sees_centres_alone(app: Flask, sqlite_mm: Matchmaker) -> None:
    signed_in(app)
    cases.submit_many(sqlite_mm, [a_case(owner=ADDRESS, local_id=f"D-{k}") for k in range(12)], by=SYSTEM)

    page = signed_in(app, "operator@example.org", role=Role.OPERATOR, centre=None).get("/quality/").text

    assert "Dublin" in page
    assert "D-1" not in page
