"""The page of figures."""

from __future__ import annotations

import datetime as dt
import re

from flask import Flask

from matchmaker import cases
from matchmaker.actors import SYSTEM, Role
from matchmaker.service import Matchmaker
from tests.builders import a_case
from tests.web.browsers import signed_in


def test_figures_are_drawn_and_written_as_tables_and_small_counts_are_not(app: Flask, sqlite_mm: Matchmaker) -> None:
    cases.submit_many(sqlite_mm, [a_case() for _ in range(23)], by=SYSTEM)
    browser = signed_in(app, "operator@example.org", role=Role.OPERATOR, centre=None)

    page = re.sub(r"\s+", " ", browser.get("/figures/?months=24").text)

    assert page.count("<figure") == 7
    month = f"{dt.datetime.now(dt.UTC).date():%Y-%m}"
    assert f'<th scope="row" class="fw-normal">{month}</th><td>20</td>' in page  # cases
    assert f'<th scope="row" class="fw-normal">{month}</th><td>below 10</td>' in page  # their one owner
    assert f"<title>{month}: Cases at the end of the month 20</title>" in page


def test_any_other_span_is_a_year(app: Flask) -> None:
    browser = signed_in(app, "curator@example.org", role=Role.CURATOR)

    for asked in ("", "?months=7", "?months=x", "?months=-1"):
        assert 'aria-current="page">12 months' in browser.get(f"/figures/{asked}").text
