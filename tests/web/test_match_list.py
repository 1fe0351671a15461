"""What a list of matches shows first, and what it folds away."""

from __future__ import annotations

import datetime as dt

import pytest

from matchmaker.store.matches import MatchStatus
from web.match_list import narrow
from web.match_page import Entry


def an_entry(place: int, *, faint: bool) -> Entry:
    return Entry(
        match_id=str(place),
        case_id="case",
        of="Martin",
        node="Spain",
        at_home=False,
        status=MatchStatus.NEW,
        status_name="new",
        confirmed_there=False,
        outdated=False,
        group=place,
        joined="",
        why_aside="",
        first_seen=dt.datetime(2026, 11, 21, tzinfo=dt.UTC),
        score=0.3,
        strength="weak",
        likelihood=None,
        faint=faint,
        genes=(),
        strongest=(),
    )


@pytest.mark.parametrize(
    ("faint", "n_likely"),
    [([False, True, True], 1), ([False, True, False, True], 3), ([True, True], 2), ([], 0), ([False, False], 2)],
)
def test_very_unlikely_ones_are_folded_away_where_there_is_better(faint: list[bool], n_likely: int) -> None:
    entries = [an_entry(place, faint=one) for place, one in enumerate(faint)]

    shown = narrow(entries, kind="", node="")

    assert [*shown.likely, *shown.faint] == entries
    assert len(shown.likely) == n_likely
