"""A search that pages watch: answers are rows as they arrive, in whichever process somebody looks."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time
from dataclasses import replace

import pytest

from federation import live_search
from federation.live_search import Progress
from matchmaker import cases, match_life
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.errors import NotFound
from matchmaker.model import CaseId, NodeName, Sharing
from matchmaker.service import Matchmaker
from matchmaker.store import searches
from tests.federation.peers import Asked, Peer, answering, late, peer
from tests.federation.worlds import a_case, a_result, an_answer, register

ANSWER = answering(an_answer(a_result("S-1"), a_result("S-2", gene=None)))


def submit(mm: Matchmaker, **stated: object) -> CaseId:
    return cases.submit(mm, replace(a_case(), **stated), by=SYSTEM).case_id  # type: ignore[arg-type]


def until(mm: Matchmaker, search_id: str, *, n_answers: int) -> Progress:
    """Look, like a page, until so many nodes have answered."""
    for _ in range(400):
        progress = live_search.look(mm, search_id, by=SYSTEM)
        if sum(row.state != searches.ASKING for row in progress.nodes) >= n_answers:
            return progress
        time.sleep(0.02)
    raise AssertionError("the search did not go on")


@pytest.mark.slow
def test_fast_node_is_shown_while_a_slow_one_is_still_asked(mm: Matchmaker) -> None:
    mm.warm()
    go_on = threading.Event()

    def when_told(here: Peer, connection: socket.socket, asked: Asked) -> None:
        go_on.wait(4)
        ANSWER(here, connection, asked)

    with peer(ANSWER) as spain, peer(when_told) as finland:
        register(mm, "Spain", spain.url)
        register(mm, "Finland", finland.url, country="FI")
        register(mm, "Nowhere", "http://127.0.0.1:9/mme")
        case_id = submit(mm)
        begun = live_search.begin(mm, case_id, by=SYSTEM)
        assert {row.state for row in begun.nodes} == {searches.ASKING}

        early = until(mm, begun.search.id, n_answers=2)
        assert not early.done
        assert {row.node: row.state for row in early.nodes} == {
            "Finland": "asking",
            "Nowhere": "unreachable",
            "Spain": "answered",
        }
        go_on.set()
        done = until(mm, begun.search.id, n_answers=3)

    assert done.done
    spains = next(row for row in done.nodes if row.node == "Spain")
    assert spains.n_results == 2
    best = match_life.get(mm, spains.match_ids[0], by=SYSTEM)
    assert (best.match.finding.node, best.match.finding.other_id) == ("Spain", "S-1")
    (told,) = [node for node in done.to_dict()["nodes"] if node["name"] == "Spain"]
    assert (told["state"], told["results"], len(told["matches"])) == ("answered", 2, 2)


def test_second_press_of_the_button_shows_the_same_search(sqlite_mm: Matchmaker) -> None:
    with peer(late(0.2, ANSWER)) as spain:
        register(sqlite_mm, "Spain", spain.url)
        case_id = submit(sqlite_mm)

        first = live_search.begin(sqlite_mm, case_id, by=SYSTEM)
        second = live_search.begin(sqlite_mm, case_id, by=SYSTEM)
        until(sqlite_mm, first.search.id, n_answers=1)

    assert first.search == second.search
    assert len(spain.asked) == 1


def test_case_that_is_not_shared_asks_nobody_and_says_so(sqlite_mm: Matchmaker) -> None:
    register(sqlite_mm, "Spain", "http://127.0.0.1:9/mme")
    begun = live_search.begin(sqlite_mm, submit(sqlite_mm, sharing=Sharing.PRIVATE), by=SYSTEM)

    (row,) = until(sqlite_mm, begun.search.id, n_answers=1).nodes

    assert row.state == "not-shared"


def test_search_of_a_process_that_died_ends_with_timeouts(mm: Matchmaker) -> None:
    case_id = submit(mm)
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
    with mm.transaction() as db:
        search = searches.begin(
            db, case_id, nodes=[NodeName("Spain")], at=long_ago, ends_at=long_ago + dt.timedelta(seconds=12)
        )

    found = live_search.latest(mm, case_id, by=SYSTEM)

    assert found is not None
    assert found.done
    assert [(row.state, row.seconds) for row in found.nodes] == [("timeout", 12.0)]
    with mm.transaction() as db:
        assert searches.forget_before(db, dt.datetime.now(dt.UTC)) == 1
    with pytest.raises(NotFound):
        live_search.look(mm, search.id, by=SYSTEM)


def test_other_centres_see_no_search_and_erased_cases_have_none(sqlite_mm: Matchmaker) -> None:
    case_id = submit(sqlite_mm)
    begun = live_search.begin(sqlite_mm, case_id, by=SYSTEM)
    stranger = User(email="somebody@else.example", role=Role.CLINICIAN)

    with pytest.raises(NotFound):
        live_search.look(sqlite_mm, begun.search.id, by=stranger)
    with pytest.raises(NotFound):
        live_search.begin(sqlite_mm, case_id, by=stranger)
    cases.erase(sqlite_mm, case_id, by=SYSTEM)
    with pytest.raises(NotFound):
        live_search.look(sqlite_mm, begun.search.id, by=SYSTEM)
