from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from matchmaker.model import CaseId, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import cases, work
from matchmaker.store.work import Claim, Kind, Task
from tests.builders import a_case

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def case_ids(mm: Matchmaker) -> list[CaseId]:
    stored = [a_case() for _ in range(20)]
    with mm.transaction() as db:
        cases.insert_all(db, stored, at=NOW)
    return [case.id for case in stored]


def add(mm: Matchmaker, *case_ids: CaseId, version: int = 1, at: dt.datetime = NOW) -> None:
    with mm.transaction() as db:
        work.add(db, [Task(kind=Kind.MATCH, case_id=case_id, version=version) for case_id in case_ids], at=at)


def claim(mm: Matchmaker, *, at: dt.datetime = NOW, limit: int = 1) -> list[Claim]:
    with mm.transaction() as db:
        return work.claim(db, [Kind.MATCH], at=at, limit=limit)


def complete(mm: Matchmaker, claimed: Claim) -> bool:
    with mm.transaction() as db:
        return work.complete(db, claimed)


def fail(mm: Matchmaker, claimed: Claim, *, at: dt.datetime = NOW) -> bool:
    with mm.transaction() as db:
        return work.fail(db, claimed, error="node spain: timeout", at=at)


def next_due(mm: Matchmaker) -> dt.datetime | None:
    with mm.reading() as db:
        return work.next_due(db, [Kind.MATCH])


def test_task_is_claimed_once_and_gone_when_complete(mm: Matchmaker, case_ids: list[CaseId]) -> None:
    add(mm, case_ids[0], version=3)

    (claimed,) = claim(mm)

    assert claimed.task == Task(kind=Kind.MATCH, case_id=case_ids[0], version=3)
    assert claimed.attempts == 1
    assert claim(mm) == []
    assert complete(mm, claimed)
    assert claim(mm, at=NOW + 2 * work.LEASE) == []
    assert next_due(mm) is None


def test_nothing_is_claimed_where_nothing_is_due(mm: Matchmaker, case_ids: list[CaseId]) -> None:
    assert claim(mm) == []
    add(mm, case_ids[0], at=NOW + SECOND)

    assert claim(mm) == []
    with mm.transaction() as db:
        assert work.claim(db, [Kind.ASK], at=NOW + SECOND) == []
    assert next_due(mm) == NOW + SECOND


def test_longest_due_comes_first_and_no_more_than_asked(mm: Matchmaker, case_ids: list[CaseId]) -> None:
    for n in (2, 0, 1):
        add(mm, case_ids[n], at=NOW + n * SECOND)

    claimed = claim(mm, at=NOW + 9 * SECOND, limit=2)

    assert [one.task.case_id for one in claimed] == case_ids[:2]


def test_workers_at_once_never_take_the_same_task(mm: Matchmaker, case_ids: list[CaseId]) -> None:
    add(mm, *case_ids)

    with ThreadPoolExecutor(4) as pool:
        taken = [one.task.case_id for some in pool.map(lambda _: claim(mm, limit=5), range(8)) for one in some]

    # A worker may find less than it asked for while others hold rows; what is left comes with the next claim.
    taken += [one.task.case_id for one in claim(mm, limit=20)]
    assert sorted(taken) == sorted(case_ids)


def test_task_of_a_worker_that_died_is_free_when_its_lease_ends(mm: Matchmaker, case_ids: list[CaseId]) -> None:
    add(mm, case_ids[0])
    (dead,) = claim(mm)

    assert claim(mm, at=NOW + work.LEASE - SECOND) == []
    (again,) = claim(mm, at=NOW + work.LEASE)

    assert again.attempts == 2
    assert not complete(mm, dead)
    assert complete(mm, again)


def test_newer_version_replaces_a_task_also_while_somebody_works_on_it(mm: Matchmaker, case_ids: list[CaseId]) -> None:
    add(mm, case_ids[0], version=1)
    (old,) = claim(mm)

    add(mm, case_ids[0], version=2)

    assert not complete(mm, old)
    (new,) = claim(mm)
    assert (new.task.version, new.attempts) == (2, 1)


def test_tasks_for_several_nodes_are_several(mm: Matchmaker, case_ids: list[CaseId]) -> None:
    nodes = [NodeName("spain"), NodeName("finland")]
    with mm.transaction() as db:
        work.add(
            db, [Task(kind=Kind.ASK, case_id=case_ids[0], version=1, node=node) for node in [*nodes, *nodes]], at=NOW
        )
        claimed = work.claim(db, [Kind.ASK], at=NOW, limit=9)

        assert {one.task.node for one in claimed} == set(nodes)
        assert work.count(db) == {"ask": 2}


@pytest.mark.slow
def test_failed_task_waits_longer_each_time_and_at_most_a_day(mm: Matchmaker, case_ids: list[CaseId]) -> None:
    add(mm, case_ids[0])
    at, waits = NOW, []
    for _ in range(16):
        (claimed,) = claim(mm, at=at)
        assert fail(mm, claimed, at=at)
        due = next_due(mm)
        assert due is not None
        waits.append((due - at).total_seconds())
        at = due

    for attempt, wait in enumerate(waits):
        longest = min(24 * 3600.0, 30.0 * 2**attempt)
        assert longest / 2 <= wait <= longest


def test_task_that_somebody_else_took_over_cannot_fail(mm: Matchmaker, case_ids: list[CaseId]) -> None:
    add(mm, case_ids[0])
    (dead,) = claim(mm)
    (again,) = claim(mm, at=NOW + work.LEASE)

    assert not fail(mm, dead)
    assert complete(mm, again)


def test_cancelled_work_is_gone_whoever_holds_it(mm: Matchmaker, case_ids: list[CaseId]) -> None:
    add(mm, *case_ids[:2])
    (held,) = claim(mm)

    with mm.transaction() as db:
        assert work.cancel(db, held.task.case_id) == 1

    assert not complete(mm, held)
    assert len(claim(mm, limit=9)) == 1
