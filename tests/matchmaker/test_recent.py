from __future__ import annotations

import threading
from dataclasses import replace

from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.model import CaseId
from matchmaker.recalling import recall
from matchmaker.recent import RecentCases
from matchmaker.service import Matchmaker
from matchmaker.store import found
from tests.builders import a_case


def stored(mm: Matchmaker, n_cases: int) -> list[CaseId]:
    return [one.case_id for one in cases.submit_many(mm, [a_case() for _ in range(n_cases)], by=SYSTEM)]


def test_cases_are_what_the_database_has_when_read_and_when_kept(mm: Matchmaker) -> None:
    case_ids, recent = stored(mm, 3), RecentCases()

    with mm.reading() as db:
        fresh = found.load(db, case_ids)
        assert recent.load(db, case_ids[:2]) == {case_id: fresh[case_id] for case_id in case_ids[:2]}
        assert recent.load(db, case_ids) == fresh
        assert recent.load(db, case_ids) == fresh


def test_changed_case_is_read_again(sqlite_mm: Matchmaker) -> None:
    (case_id,), recent = stored(sqlite_mm, 1), RecentCases()
    with sqlite_mm.reading() as db:
        case = recent.load(db, [case_id])[case_id].case

    cases.edit(sqlite_mm, replace(case, notes="new"), version=1, by=SYSTEM)

    with sqlite_mm.reading() as db:
        assert recent.load(db, [case_id])[case_id].case.notes == "new"


def test_withdrawn_and_erased_cases_are_there_no_more(sqlite_mm: Matchmaker) -> None:
    (withdrawn, erased), recent = stored(sqlite_mm, 2), RecentCases()
    with sqlite_mm.reading() as db:
        recent.load(db, [withdrawn, erased])

    cases.withdraw(sqlite_mm, withdrawn, by=SYSTEM)
    cases.erase(sqlite_mm, erased, by=SYSTEM)

    with sqlite_mm.reading() as db:
        assert recent.load(db, [withdrawn, erased]) == {}


def test_no_more_are_kept_than_were_allowed(sqlite_mm: Matchmaker) -> None:
    case_ids, recent = stored(sqlite_mm, 5), RecentCases(most=2)

    with sqlite_mm.reading() as db:
        assert recent.load(db, case_ids).keys() == set(case_ids)
    assert len(recent) == 2


def test_node_forgets_what_was_erased_with_its_next_search(sqlite_mm: Matchmaker) -> None:
    (case_id,) = stored(sqlite_mm, 1)
    with sqlite_mm.reading() as db:
        sqlite_mm.recent.load(db, [case_id])

    cases.erase(sqlite_mm, case_id, by=SYSTEM)
    sqlite_mm.index()

    assert len(sqlite_mm.recent) == 0


def test_what_follows_from_a_case_is_made_once_while_that_case_is_kept(sqlite_mm: Matchmaker) -> None:
    (case_id,), recent, made = stored(sqlite_mm, 1), RecentCases(), iter(range(9))
    with sqlite_mm.reading() as db:
        case = recent.load(db, [case_id])[case_id].case

    assert [recent.once(case, "number", lambda: next(made)) for _ in range(3)] == [0, 0, 0]
    assert recent.once(case, "other number", lambda: next(made)) == 1
    assert recent.once(replace(case, notes="new"), "number", lambda: next(made)) == 2
    recent.forget(case_id)
    assert [recent.once(case, "number", lambda: next(made)) for _ in range(2)] == [3, 4]


def test_newest_cases_are_read_beforehand_and_withdrawn_ones_are_not(mm: Matchmaker) -> None:
    ids = stored(mm, 3)
    cases.withdraw(mm, ids[0], by=SYSTEM)

    assert recall(mm, stopping=threading.Event()) == 2
    assert len(mm.recent) == 2

    told_to_stop = threading.Event()
    told_to_stop.set()
    assert recall(mm, stopping=told_to_stop) == 0
