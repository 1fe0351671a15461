from __future__ import annotations

import datetime as dt

from matchmaker.model import CaseId, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import ledger
from matchmaker.store.ledger import Told

SPAIN, FINLAND = NodeName("spain"), NodeName("finland")
AT = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def told(case: str, fingerprint: str = "f") -> Told:
    return Told(case_id=CaseId(case), fingerprint=fingerprint)


def test_same_answer_again_is_the_same_line(mm: Matchmaker) -> None:
    for hours in range(3):
        with mm.transaction() as db:
            ledger.record(db, SPAIN, told=[told("a")], at=AT + hours * HOUR)

    with mm.reading() as db:
        (line,) = ledger.of_case(db, CaseId("a"))
    assert (line.first_at, line.last_at, line.times) == (AT, AT + 2 * HOUR, 3)


def test_each_node_and_each_distinct_answer_is_a_line(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        ledger.record(db, SPAIN, told=[told("a", "one"), told("a", "two"), told("b")], at=AT)
        ledger.record(db, FINLAND, told=[told("a", "one")], at=AT + HOUR)

    with mm.reading() as db:
        lines = ledger.of_case(db, CaseId("a"))
    assert [(line.node, line.told.fingerprint) for line in lines] == [
        (SPAIN, "one"),
        (SPAIN, "two"),
        (FINLAND, "one"),
    ]


def test_case_counts_as_revealed_when_it_was_first_told(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        ledger.record(db, SPAIN, told=[told("old")], at=AT)
        ledger.record(db, SPAIN, told=[told("old", "in other words"), told("new"), told("new", "again")], at=AT + HOUR)

    with mm.reading() as db:
        assert ledger.n_revealed(db, SPAIN, since=AT) == 2
        assert ledger.n_revealed(db, SPAIN, since=AT + HOUR) == 1
        assert ledger.n_revealed(db, FINLAND, since=AT) == 0


def test_answer_that_tells_nothing_leaves_no_line(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        ledger.record(db, SPAIN, told=[], at=AT)
        assert ledger.n_revealed(db, SPAIN, since=AT) == 0
