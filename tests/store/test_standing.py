from __future__ import annotations

import datetime as dt

import pytest

from matchmaker.model import Case, NodeName, Sharing, Status
from matchmaker.service import Matchmaker
from matchmaker.store import cases, marks, standing, work
from matchmaker.store.work import Kind, Task
from tests.builders import a_case

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
SPAIN, FINLAND = NodeName("spain"), NodeName("finland")


@pytest.fixture
def stored(mm: Matchmaker) -> dict[str, Case]:
    found = {
        "federated": a_case(),
        "eea": a_case(sharing=Sharing.EEA),
        "national": a_case(sharing=Sharing.NATIONAL),
        "no basis": a_case(consent=None),
        "withdrawn": a_case(status=Status.WITHDRAWN),
        "test": a_case(test=True),
    }
    with mm.transaction() as db:
        cases.insert_all(db, list(found.values()), at=NOW)
    return found


def ask_where_missing(mm: Matchmaker, node: NodeName = SPAIN, *levels: Sharing, limit: int = 100) -> int:
    with mm.transaction() as db:
        return standing.ask_where_missing(db, node, levels=levels or (Sharing.FEDERATED,), at=NOW, limit=limit)


def tasks(mm: Matchmaker, kind: Kind) -> set[tuple[str, str]]:
    with mm.transaction() as db:
        return {(one.task.case_id, one.task.node) for one in work.claim(db, [kind], at=NOW, limit=100)}


def test_cases_of_the_levels_ask_once_and_others_never(mm: Matchmaker, stored: dict[str, Case]) -> None:
    assert ask_where_missing(mm) == 1
    assert ask_where_missing(mm, SPAIN, Sharing.EEA, Sharing.FEDERATED) == 1
    assert ask_where_missing(mm, SPAIN, Sharing.EEA, Sharing.FEDERATED) == 0
    assert ask_where_missing(mm, FINLAND) == 1

    federated, eea = stored["federated"].id, stored["eea"].id
    assert tasks(mm, Kind.ASK) == {(federated, SPAIN), (eea, SPAIN), (federated, FINLAND)}


@pytest.mark.usefixtures("stored")
def test_many_cases_come_in_parts(mm: Matchmaker) -> None:
    levels = (Sharing.EEA, Sharing.FEDERATED)

    assert [ask_where_missing(mm, SPAIN, *levels, limit=1) for _ in range(3)] == [1, 1, 0]


@pytest.mark.usefixtures("stored")
def test_every_case_but_the_withdrawn_is_matched_again(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        assert standing.match_everything(db, at=NOW) == 5

    assert len(tasks(mm, Kind.MATCH)) == 5


@pytest.mark.usefixtures("stored")
def test_node_that_is_gone_is_forgotten_and_no_other(mm: Matchmaker) -> None:
    ask_where_missing(mm, SPAIN)
    ask_where_missing(mm, FINLAND)
    with mm.transaction() as db:
        standing.match_everything(db, at=NOW)
        assert standing.nodes_asked(db) == {SPAIN, FINLAND}
        assert standing.forget_node(db, SPAIN) == 1
        assert standing.nodes_asked(db) == {FINLAND}
        assert work.count(db) == {"ask": 1, "match": 5}


def test_what_failed_at_a_node_is_hastened_and_nothing_else(mm: Matchmaker, stored: dict[str, Case]) -> None:
    ids = [stored[name].id for name in ("federated", "eea", "national")]
    with mm.transaction() as db:
        work.add(db, [Task(kind=Kind.ASK, case_id=id_, version=1, node=SPAIN) for id_ in ids], at=NOW)
        failed, answered, held = work.claim(db, [Kind.ASK], at=NOW, limit=3)
        assert work.fail(db, failed, error="timeout", at=NOW)
        assert work.again(db, answered, due_at=NOW + dt.timedelta(days=30))

        assert work.hasten(db, FINLAND, at=NOW) == 0
        assert work.hasten(db, SPAIN, at=NOW) == 1
        (again,) = work.claim(db, [Kind.ASK], at=NOW, limit=3)
        assert (again.task.case_id, again.attempts) == (failed.task.case_id, 2)
        assert not work.again(db, failed, due_at=NOW)  # another worker's by now
        assert work.complete(db, held)


def test_mark_is_what_was_written_last(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        assert marks.get(db, "matched with") is None
        for value in ("one", "two"):
            marks.put(db, "matched with", value)
        assert marks.get(db, "matched with") == "two"
