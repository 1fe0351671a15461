"""A search asks with the case as it is stored when it asks; who withdraws the case finds every node that was asked."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.deadline import Deadline
from federation.outcomes import State
from federation.search import ask_all
from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.model import CaseId, Disclosure, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import case_notices, found, sent_cases
from tests.federation.peers import answering, peer
from tests.federation.worlds import a_case, an_answer, register


def stored(mm: Matchmaker) -> CaseId:
    return cases.submit(mm, a_case(), by=SYSTEM).case_id


def test_withdrawal_waits_until_it_is_on_record_who_is_asked_and_tells_that_node(mm: Matchmaker) -> None:
    node, case_id = register(mm, "Spain", None), stored(mm)
    withdrawing = threading.Thread(target=cases.withdraw, args=(mm, case_id), kwargs={"by": SYSTEM})

    with mm.transaction() as db:
        assert found.hold(db, [case_id]) == found.versions(db, [case_id])
        withdrawing.start()
        time.sleep(0.3)
        assert withdrawing.is_alive()
        at = dt.datetime.now(dt.UTC)
        sent_cases.record(db, case_id, nodes=[node.name], level=Disclosure.MATCHING_TERMS, at=at)
    withdrawing.join()

    with mm.reading() as db:
        assert [notice.node for notice in case_notices.list_(db, case_id=case_id)] == [NodeName("Spain")]


@pytest.mark.parametrize("end", [cases.withdraw, cases.erase])
def test_case_that_left_since_the_search_began_asks_nobody(sqlite_mm: Matchmaker, end: Callable[..., None]) -> None:
    begun_with = cases.get(sqlite_mm, stored(sqlite_mm), by=SYSTEM).case
    end(sqlite_mm, begun_with.id, by=SYSTEM)

    with peer(answering(an_answer())) as spain:
        node = register(sqlite_mm, "Spain", spain.url)
        (answer,) = ask_all(sqlite_mm, begun_with, [node], deadline=Deadline.after(5))

    assert answer.state is State.NOT_SHARED
    assert spain.asked == []


def test_case_that_changed_since_the_search_began_asks_as_it_is_now(sqlite_mm: Matchmaker) -> None:
    before = cases.get(sqlite_mm, stored(sqlite_mm), by=SYSTEM)
    cases.edit(sqlite_mm, replace(before.case, disclosure=Disclosure.GENE), version=before.version, by=SYSTEM)

    with peer(answering(an_answer())) as spain:
        node = register(sqlite_mm, "Spain", spain.url)
        (answer,) = ask_all(sqlite_mm, before.case, [node], deadline=Deadline.after(5))

    assert answer.state is State.ANSWERED
    assert "features" not in json.loads(spain.asked[0].body)["patient"]
