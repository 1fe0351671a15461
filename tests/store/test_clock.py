from __future__ import annotations

import datetime as dt
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from matchmaker.errors import Unavailable
from matchmaker.model import CaseId
from matchmaker.service import Matchmaker
from matchmaker.store import cases, clock
from matchmaker.store.clock import Time
from matchmaker.store.tables import clock as clock_table
from tests.builders import a_case

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def now(mm: Matchmaker) -> Time:
    with mm.reading() as db:
        return clock.read(db)


def test_transaction_that_changes_no_case_takes_no_revision(mm: Matchmaker) -> None:
    before = now(mm)

    with mm.transaction():
        pass

    assert now(mm) == before
    assert before.revision == 0


def test_each_transaction_that_changes_cases_takes_the_next_revision(mm: Matchmaker) -> None:
    case = a_case()
    revisions = []
    with mm.transaction() as db:
        cases.insert_all(db, [case, a_case()], at=NOW)
    revisions.append(now(mm).revision)
    with mm.transaction() as db:
        cases.update_all(db, [(replace(case, label="x"), 1)], at=NOW)
    revisions.append(now(mm).revision)
    with mm.transaction() as db:
        cases.erase(db, case.id, at=NOW)
    revisions.append(now(mm).revision)

    assert revisions == [1, 2, 3]


def test_transaction_that_fails_takes_none(mm: Matchmaker) -> None:
    case = a_case()

    with pytest.raises(Unavailable), mm.transaction() as db:
        cases.insert_all(db, [case, case], at=NOW)

    assert now(mm).revision == 0


def test_new_epoch_differs_and_keeps_the_revision(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        cases.insert_all(db, [a_case()], at=NOW)
    before = now(mm)

    with mm.transaction() as db:
        clock.new_epoch(db)

    after = now(mm)
    assert after.epoch != before.epoch
    assert after.revision == before.revision == 1


def test_clock_that_was_never_started_says_what_to_do(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        db.execute(clock_table.delete())

    with pytest.raises(Unavailable, match="matchmaker init"), mm.reading() as db:
        clock.read(db)


@pytest.mark.slow
def test_reader_that_follows_revisions_misses_nothing_while_many_write(mm: Matchmaker) -> None:
    n_writers, n_each = 4, 12
    seen: dict[CaseId, int] = {}
    done = threading.Event()

    def write(_: int) -> list[CaseId]:
        written = [a_case() for _ in range(n_each)]
        for case in written:
            with mm.transaction() as db:
                cases.insert_all(db, [case], at=NOW)
        return [case.id for case in written]

    def follow() -> None:
        revision = 0
        for last in itertools.chain(iter(done.is_set, True), [True]):
            with mm.reading() as db:
                moment = clock.read(db).revision
                seen.update({change.case_id: change.revision for change in cases.changed_since(db, revision)})
            assert moment >= revision
            revision = moment
            assert last in (True, False)

    with ThreadPoolExecutor(n_writers + 1) as pool:
        reader = pool.submit(follow)
        written = list(itertools.chain.from_iterable(pool.map(write, range(n_writers))))
        done.set()
        reader.result()

    assert seen.keys() == set(written)
    assert sorted(seen.values()) == list(range(1, n_writers * n_each + 1))
