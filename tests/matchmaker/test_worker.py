import datetime as dt
import threading

import pytest

from federation import nodes
from matchmaker import cases, worker
from matchmaker.actors import SYSTEM
from matchmaker.hands import Hands, nudge
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import matches, work
from matchmaker.store.work import Kind
from tests.builders import a_case, a_feature

ALIKE = [a_feature("HP:0001250"), a_feature("HP:0011451"), a_feature("HP:0001263")]


def left(mm: Matchmaker) -> int:
    with mm.reading() as db:
        return sum(work.count(db).values())


def recorded(mm: Matchmaker) -> int:
    with mm.reading() as db:
        return matches.count(db)


def test_changed_cases_are_matched_and_their_tasks_are_gone(mm: Matchmaker) -> None:
    cases.submit_many(mm, [a_case(features=ALIKE), a_case(features=ALIKE)], by=SYSTEM)
    assert left(mm) == 2

    assert worker.drain(mm) == 2

    assert left(mm) == 0
    assert recorded(mm) > 0


def test_task_done_twice_records_a_match_once(mm: Matchmaker) -> None:
    submitted = cases.submit_many(mm, [a_case(features=ALIKE), a_case(features=ALIKE)], by=SYSTEM)
    worker.drain(mm)
    before = recorded(mm)
    with mm.transaction() as db:
        again = [work.Task(kind=Kind.MATCH, case_id=one.case_id, version=1) for one in submitted]
        work.add(db, again, at=dt.datetime.now(dt.UTC))

    assert worker.drain(mm) == 2

    assert recorded(mm) == before


def test_task_of_another_worker_is_left_to_it(sqlite_mm: Matchmaker) -> None:
    cases.submit(sqlite_mm, a_case(), by=SYSTEM)
    with sqlite_mm.transaction() as db:
        assert work.claim(db, [Kind.MATCH], at=dt.datetime.now(dt.UTC))

    assert worker.drain(sqlite_mm) == 0
    assert left(sqlite_mm) == 1


def test_task_of_a_worker_that_died_is_done_when_its_lease_ends(sqlite_mm: Matchmaker) -> None:
    submitted = cases.submit(sqlite_mm, a_case(), by=SYSTEM)
    long_ago = dt.datetime.now(dt.UTC) - 2 * work.LEASE
    with sqlite_mm.transaction() as db:
        work.add(db, [work.Task(kind=Kind.MATCH, case_id=submitted.case_id, version=1)], at=long_ago)
        assert work.claim(db, [Kind.MATCH], at=long_ago)

    assert worker.drain(sqlite_mm) == 1


def test_erased_case_leaves_no_task_behind(sqlite_mm: Matchmaker) -> None:
    submitted = cases.submit(sqlite_mm, a_case(), by=SYSTEM)
    cases.erase(sqlite_mm, submitted.case_id, by=SYSTEM)

    assert worker.drain(sqlite_mm) == 0
    assert left(sqlite_mm) == 0


def test_worker_that_is_to_stop_begins_nothing(sqlite_mm: Matchmaker) -> None:
    cases.submit(sqlite_mm, a_case(), by=SYSTEM)
    stopping = threading.Event()
    stopping.set()

    assert worker.drain(sqlite_mm, stopping=stopping) == 0
    assert left(sqlite_mm) == 1


class AfterLooks(threading.Event):
    """Set once somebody has looked so often."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.n_left = n

    def is_set(self) -> bool:
        self.n_left -= 1
        return self.n_left < 0


def test_what_a_worker_claimed_and_did_not_begin_is_free_as_soon_as_it_stops(mm: Matchmaker) -> None:
    for _ in range(3):
        cases.submit(mm, a_case(), by=SYSTEM)

    assert worker.drain(mm, stopping=AfterLooks(2)) == 1

    with mm.transaction() as db:
        free = work.claim(db, [Kind.MATCH], at=dt.datetime.now(dt.UTC), limit=10)
    assert [claimed.attempts for claimed in free] == [1, 1]


def test_nudge_is_felt_by_a_worker_at_once(sqlite_mm: Matchmaker) -> None:
    drained = threading.Event()
    listening = Hands(sqlite_mm, drain=drained.set).consumer()
    listening.start()
    try:
        nudge(sqlite_mm)
        assert drained.wait(10)
    finally:
        listening.stop(graceful=True)


def test_nudge_that_cannot_be_kept_costs_nothing(sqlite_mm: Matchmaker, caplog: pytest.LogCaptureFixture) -> None:
    (sqlite_mm.settings.home / "queue.sqlite").mkdir()

    nudge(sqlite_mm)

    assert "nudge lost" in caplog.text


def test_background_work_goes_on_while_the_body_runs_and_ends_with_it(sqlite_mm: Matchmaker) -> None:
    cases.submit_many(sqlite_mm, [a_case(features=ALIKE), a_case(features=ALIKE)], by=SYSTEM)
    before = threading.active_count()

    with worker.background(sqlite_mm):
        for _ in range(300):
            if left(sqlite_mm) == 0:
                break
            threading.Event().wait(0.1)

    assert left(sqlite_mm) == 0
    assert threading.active_count() == before


def test_heartbeats_are_asked_of_enabled_nodes_and_recorded(sqlite_mm: Matchmaker) -> None:
    for name in ("down", "paused"):
        nodes.add(sqlite_mm, NodeName(name), base_url="http://127.0.0.1:9/mme", token="t", by=SYSTEM)
    nodes.disable(sqlite_mm, NodeName("paused"), by=SYSTEM)
    nodes.issue_token(sqlite_mm, NodeName("only asks us"), by=SYSTEM)

    worker.ask_heartbeats(sqlite_mm)

    assert [call.status for call in nodes.show(sqlite_mm, NodeName("down")).latest] == ["unreachable"]
    assert nodes.show(sqlite_mm, NodeName("paused")).latest == ()
    assert nodes.show(sqlite_mm, NodeName("only asks us")).latest == ()
