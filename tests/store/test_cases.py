from __future__ import annotations

import datetime as dt

from matchmaker.service import Matchmaker
from matchmaker.store import cases
from tests.full_case import FULL_CASE

NOW = dt.datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=dt.UTC)


def test_full_case_comes_back_as_it_went_in(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        cases.insert_all(db, [FULL_CASE], at=NOW)

    with mm.reading() as db:
        stored = cases.get(db, FULL_CASE.id)

    assert stored.case == FULL_CASE
    assert (stored.version, stored.revision, stored.created_at, stored.updated_at) == (1, 1, NOW, NOW)
