from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.peers import TOO_MANY, Peer, Reply, a_peer, a_question
from federation import ledger
from federation.ledger import Allowance
from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.disclosure import CONSTANT_SCORE
from matchmaker.model import Case, CaseId
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import alarms, sent_cases
from matchmaker.store import ledger as lines
from matchmaker.store.alarms import Alarm, Kind, Listener
from tests.builders import a_case, a_feature, a_genomic_feature, a_node

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
PHGDH, OTHER = "HGNC:8923", "HGNC:6407"
TERMS = [
    *("HP:0001250", "HP:0000252", "HP:0001263", "HP:0000518", "HP:0001257", "HP:0004322", "HP:0000365", "HP:0001510"),
    *("HP:0000639", "HP:0001252", "HP:0000486", "HP:0002079", "HP:0000175", "HP:0000028", "HP:0001629", "HP:0001999"),
    *("HP:0000316", "HP:0000369", "HP:0000407", "HP:0001166", "HP:0001382", "HP:0001903", "HP:0002240", "HP:0000822"),
]


@pytest.fixture
def case_id(sqlite_mm: Matchmaker) -> CaseId:
    return store(sqlite_mm, a_case(features=[a_feature(t) for t in TERMS[:6]], genomic_features=[a_genomic_feature()]))


@pytest.fixture
def rich_case(sqlite_mm: Matchmaker) -> CaseId:
    """A case of which each of 24 questions brings another answer."""
    return store(sqlite_mm, a_case(features=[a_feature(t) for t in TERMS], genomic_features=[a_genomic_feature()]))


def store(mm: Matchmaker, case: Case) -> CaseId:
    return cases.submit(mm, case, by=SYSTEM).case_id


def bounded(mm: Matchmaker, **settings: Any) -> None:
    mm.settings = replace(mm.settings, **settings)


def ask(peer: Peer, n: int = 0, *, genes: tuple[str, ...] = (PHGDH,), terms: int = 0, days: int = 0) -> Reply:
    question = a_question(n, genes=genes, terms=TERMS[:terms])
    return peer.ask(question, at=AT + dt.timedelta(days=days, seconds=10 * n))


def raised(mm: Matchmaker, listener: Listener = Listener.OPERATOR) -> list[Alarm]:
    with mm.reading() as db:
        return alarms.untold(db, listener)


def test_same_question_in_other_spelling_is_one_line(sqlite_mm: Matchmaker, case_id: CaseId) -> None:
    peer = a_peer(sqlite_mm, "spain", at=AT)
    first = ask(peer, 1, terms=3)
    again = peer.ask(a_question(2, genes=["PHGDH"], terms=TERMS[2::-1]), at=AT)

    (line,) = ledger.seen(sqlite_mm, case_id)
    assert first.results == again.results
    assert (line.node, line.times, line.told.extent) == ("spain", 2, "genes=1 terms=6")


def test_other_words_with_the_same_answer_are_the_same_line(sqlite_mm: Matchmaker) -> None:
    case_id = store(sqlite_mm, a_case(disclosure="gene", genomic_features=[a_genomic_feature()], features=[]))
    peer = a_peer(sqlite_mm, "spain", at=AT)

    other_words = {**a_question(2, genes=[PHGDH]), "inheritanceMode": "HP:0000006"}

    assert ask(peer, 1).results == peer.ask(other_words, at=AT).results
    (line,) = ledger.seen(sqlite_mm, case_id)
    assert line.times == 2


def test_after_twenty_answers_a_gene_brings_a_constant_one_and_the_owner_is_told(
    sqlite_mm: Matchmaker, rich_case: CaseId
) -> None:
    peer = a_peer(sqlite_mm, "spain", at=AT)
    told = [ask(peer, n, terms=n).results[0] for n in range(24)]

    # Without a term and with the first one the answer is the same: 20 are reached with the 21st question.
    assert len({str(result) for result in told[:21]}) == 20
    assert len({str(result) for result in told[21:]}) == 1
    constant = told[-1]
    assert constant["score"] == {"patient": CONSTANT_SCORE}
    assert set(constant["patient"]) >= {"id", "contact", "genomicFeatures"}
    assert "features" not in constant["patient"]
    assert constant["_explanation"]["terms"] == constant["_explanation"]["contradictions"] == []
    (alarm,) = raised(sqlite_mm, Listener.OWNER)
    assert (alarm.kind, alarm.node, alarm.case_id, alarm.times) == (Kind.PROBED, "spain", rich_case, 3)


def test_question_that_was_answered_before_is_answered_again(sqlite_mm: Matchmaker, rich_case: CaseId) -> None:
    peer = a_peer(sqlite_mm, "spain", at=AT)
    told = [ask(peer, n, terms=n).results for n in range(22)]

    assert ask(peer, 30, terms=5).results == told[5] != told[21]


def test_after_twenty_answers_a_phenotype_alone_brings_none(sqlite_mm: Matchmaker, rich_case: CaseId) -> None:
    peer = a_peer(sqlite_mm, "spain", at=AT)
    assert len(ask(peer, 0, genes=(), terms=6).results) == 1
    for n in range(1, 22):
        ask(peer, n, terms=n)

    assert ask(peer, 30, genes=(), terms=5).results == ()
    assert len(ask(peer, 31, genes=(), terms=6).results) == 1


def test_other_peers_and_other_seasons_are_told_in_full(sqlite_mm: Matchmaker, rich_case: CaseId) -> None:
    peer, other = a_peer(sqlite_mm, "spain", at=AT), a_peer(sqlite_mm, "finland", at=AT)
    for n in range(22):
        ask(peer, n, terms=n)

    assert "features" in ask(other, 30, terms=23).results[0]["patient"]
    assert "features" not in ask(peer, 30, terms=23).results[0]["patient"]
    assert "features" in ask(peer, 31, terms=23, days=91).results[0]["patient"]


def test_allowance_grows_with_declared_cases() -> None:
    settings = Settings()
    small, large = (Allowance.of(a_node(declared_cases=n), settings) for n in (10, 5000))

    assert small == Allowance.of(a_node(), settings)
    assert (large.distinct_answers, large.cases_per_day, large.cases_per_month) == (200, 40_000, 40_000)


def test_month_of_new_cases_ends_with_429_and_an_alarm(sqlite_mm: Matchmaker) -> None:
    bounded(sqlite_mm, cases_revealed_per_month=4)
    for _ in range(10):
        store(sqlite_mm, a_case(genomic_features=[a_genomic_feature()]))
        store(sqlite_mm, a_case(genomic_features=[a_genomic_feature(OTHER)]))
    peer = a_peer(sqlite_mm, "spain", at=AT)
    answers = [ask(peer, n, days=n) for n in range(4)]
    refused = ask(peer, 5, genes=(OTHER,), days=5)

    # Half of the budget in one answer, then one case an answer; what is known is told again, and nothing else.
    assert [len(answer.results) for answer in answers] == [2, 3, 4, 4]
    assert (refused.status, refused.results) == (TOO_MANY, ())
    assert {alarm.kind for alarm in raised(sqlite_mm)} == {Kind.CASES}
    assert len(ask(peer, 6, genes=(OTHER,), days=31).results) == 1


def test_day_of_new_cases_ends_with_the_day(sqlite_mm: Matchmaker) -> None:
    bounded(sqlite_mm, cases_revealed_per_day=2, cases_revealed_per_month=100)
    for _ in range(5):
        store(sqlite_mm, a_case(genomic_features=[a_genomic_feature()]))
    peer = a_peer(sqlite_mm, "spain", at=AT)

    assert [len(ask(peer, n).results) for n in range(3)] == [1, 2, 2]
    assert len(ask(peer, 3, days=1).results) == 3


def test_test_cases_cost_nothing(sqlite_mm: Matchmaker) -> None:
    bounded(sqlite_mm, cases_revealed_per_month=0)
    store(sqlite_mm, a_case(genomic_features=[a_genomic_feature()], test=True))
    peer = a_peer(sqlite_mm, "spain", at=AT)
    reply = peer.ask({**a_question(1, genes=[PHGDH]), "test": True}, at=AT)

    assert len(reply.results) == 1


def test_each_gene_is_charged_and_the_day_ends_with_429(sqlite_mm: Matchmaker) -> None:
    bounded(sqlite_mm, requests_per_day=10)
    peer = a_peer(sqlite_mm, "spain", at=AT)
    genes = tuple(f"HGNC:{n}" for n in (5, 7, 8923, 6407))

    assert [ask(peer, n, genes=genes).status for n in range(3)] == [200, 200, TOO_MANY]
    assert ask(peer, 4).status == 200
    assert [alarm.kind for alarm in raised(sqlite_mm)] == [Kind.REQUESTS]
    assert ask(peer, 5, genes=genes, days=1).status == 200


def test_many_at_once_get_no_more_than_the_budget(mm: Matchmaker) -> None:
    bounded(mm, cases_revealed_per_month=6)
    ids = [f"HGNC:{n}" for n in (8923, 6407, 5, 7, 11998, 1100, 1101, 3236)]
    for gene in ids:
        store(mm, a_case(genomic_features=[a_genomic_feature(gene)]))
    mm.index()
    peer = a_peer(mm, "spain", at=AT)

    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda gene: ask(peer, 0, genes=(gene,)), ids))

    assert sum(len(reply.results) for reply in replies) == 6
    with mm.reading() as db:
        assert lines.n_revealed(db, peer.node.name, since=AT) == 6


def test_alarm_of_one_day_is_one_row_and_is_told_once(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        for hours in range(3):
            alarms.raise_(db, Kind.REQUESTS, node=a_node().name, at=AT + dt.timedelta(hours=hours))
        (alarm,) = alarms.untold(db, Listener.OPERATOR)
        alarms.mark_told(db, Listener.OPERATOR, [alarm.id], at=AT)

    assert (alarm.times, alarm.last_at) == (3, AT + dt.timedelta(hours=2))
    assert raised(mm) == []
    assert raised(mm, Listener.OWNER) == []


def test_recipients_of_an_erased_case_are_still_known(sqlite_mm: Matchmaker, case_id: CaseId) -> None:
    ask(a_peer(sqlite_mm, "spain", at=AT), 1)
    ask(a_peer(sqlite_mm, "finland", at=AT), 2)
    cases.erase(sqlite_mm, case_id, by=SYSTEM)

    with sqlite_mm.reading() as db:
        assert sent_cases.recipients(db, [case_id])[case_id] == ["finland", "spain"]
