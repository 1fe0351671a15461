"""A case keeps asking: until a node answers, when the case changes, a month later, daily when acute."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from federation import nodes, told
from federation.outcomes import State
from federation.standing import ask
from matchmaker import cases, consent, notifications, recording, standing, worker
from matchmaker.actors import SYSTEM
from matchmaker.model import Case, CaseId, NodeName, Sharing
from matchmaker.service import Matchmaker
from matchmaker.store import marks, matches, work
from matchmaker.store.matches import MatchStatus
from matchmaker.store.work import Claim, Kind
from tests.federation.peers import answering, hang, in_turn, peer
from tests.federation.worlds import a_case, a_result, an_answer, register

SPAIN = NodeName("Spain")
HEARTBEAT = answering(b'{"heartbeat": {"production": true}}')
DAY = dt.timedelta(days=1)
ANSWER = answering(an_answer(a_result("S-1", score=0.4), disclaimer="no warranty", terms="be kind"))


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def submit(mm: Matchmaker, case: Case) -> CaseId:
    return cases.submit(mm, case, by=SYSTEM).case_id


def claimed(mm: Matchmaker, *, at: dt.datetime | None = None) -> list[Claim]:
    with mm.transaction() as db:
        return work.claim(db, [Kind.ASK], at=at or now(), limit=10)


def move(mm: Matchmaker, url: str) -> None:
    """Give the node another address, which hurries nothing by itself."""
    nodes.change(mm, replace(nodes.show(mm, SPAIN).node, base_url=url), by=SYSTEM)


def next_asking(mm: Matchmaker) -> dt.timedelta:
    with mm.reading() as db:
        due = work.next_due(db, [Kind.ASK])
    assert due is not None
    return due - now()


def found_by(mm: Matchmaker, case_id: CaseId) -> list[matches.Match]:
    with mm.reading() as db:
        return matches.of_case(db, case_id)


def test_shared_case_asks_every_node_and_keeps_what_each_told_with_its_own_score(sqlite_mm: Matchmaker) -> None:
    with peer(ANSWER) as spain, peer(answering(an_answer(a_result("F-1")))) as finland:
        register(sqlite_mm, "Spain", spain.url)
        register(sqlite_mm, "Finland", finland.url, country="FI")
        case_id = submit(sqlite_mm, a_case())
        worker.drain(sqlite_mm)

    found = {match.finding.node: match for match in found_by(sqlite_mm, case_id)}
    assert set(found) == {"Spain", "Finland"}
    finding = found[SPAIN].finding
    what = told.read(finding, sqlite_mm.release)
    assert what is not None
    assert (finding.other_id, finding.asked_by_us, what.score) == ("S-1", True, 0.4)
    assert finding.score.total > 0.4  # ours, of the same findings and the same gene
    assert (what.disclaimer, what.terms) == ("no warranty", "be kind")
    assert recording.likelihood_of(sqlite_mm, finding) is None  # nobody declared how many cases Spain has
    assert [gene.gene for gene in what.case.genomic_features] == [gene.gene for gene in a_case().genomic_features]


def test_recorded_match_of_a_node_keeps_the_probability_where_its_cases_are_declared(sqlite_mm: Matchmaker) -> None:
    with peer(ANSWER) as spain:
        node = register(sqlite_mm, "Spain", spain.url)
        nodes.change(sqlite_mm, replace(node, declared_cases=5_000), by=SYSTEM)
        case_id = submit(sqlite_mm, a_case())
        worker.drain(sqlite_mm)

    (match,) = found_by(sqlite_mm, case_id)
    likely = recording.likelihood_of(sqlite_mm, match.finding)
    assert likely is not None
    assert likely.n_searched == 5_000


def test_private_case_and_test_case_ask_nobody(sqlite_mm: Matchmaker) -> None:
    register(sqlite_mm, "Spain", None)

    submit(sqlite_mm, a_case(sharing=Sharing.PRIVATE))
    submit(sqlite_mm, replace(a_case(), local_id="OURS-2", test=True))

    assert claimed(sqlite_mm) == []


@pytest.mark.slow
def test_node_that_is_down_is_asked_later_and_at_once_when_its_heartbeat_is_back(sqlite_mm: Matchmaker) -> None:
    with peer(ANSWER) as first:
        pass
    register(sqlite_mm, "Spain", first.url)
    case_id = submit(sqlite_mm, a_case())
    worker.drain(sqlite_mm)
    worker.ask_heartbeats(sqlite_mm)

    assert found_by(sqlite_mm, case_id) == []
    assert dt.timedelta(seconds=10) < next_asking(sqlite_mm) <= dt.timedelta(seconds=30)
    assert claimed(sqlite_mm) == []

    with peer(in_turn(HEARTBEAT, ANSWER)) as again:
        move(sqlite_mm, again.url)
        worker.ask_heartbeats(sqlite_mm)
        worker.drain(sqlite_mm)

    assert len(found_by(sqlite_mm, case_id)) == 1


def test_node_that_lives_and_refuses_is_not_hurried_by_its_heartbeats(sqlite_mm: Matchmaker) -> None:
    with peer(in_turn(answering(b"", status=429), HEARTBEAT, HEARTBEAT, HEARTBEAT)) as there:
        register(sqlite_mm, "Spain", there.url)
        submit(sqlite_mm, a_case())
        worker.drain(sqlite_mm)
        for _ in range(2):
            worker.ask_heartbeats(sqlite_mm)
            assert claimed(sqlite_mm) == []


def test_answer_after_a_failure_and_an_operator_let_the_others_ask_at_once(sqlite_mm: Matchmaker) -> None:
    register(sqlite_mm, "Spain", "http://127.0.0.1:9/mme")
    for number in range(3):
        submit(sqlite_mm, replace(a_case(), local_id=f"OURS-{number}"))
    worker.drain(sqlite_mm)
    assert claimed(sqlite_mm) == []

    nodes.enable(sqlite_mm, SPAIN, by=SYSTEM)
    claims = claimed(sqlite_mm)
    with peer(ANSWER) as there:
        move(sqlite_mm, there.url)
        with sqlite_mm.transaction() as db:
            for claim in claims[1:]:
                work.fail(db, claim, error="timeout", at=now())
        assert ask(sqlite_mm, claims[0]) is State.ANSWERED

    assert len(claimed(sqlite_mm)) == 2


def test_delay_doubles_with_every_failure_up_to_a_day() -> None:
    longest = [max(work.delay_after(attempts) for _ in range(200)) for attempts in (1, 2, 3, 12, 40)]
    shortest = [min(work.delay_after(attempts) for _ in range(200)) for attempts in (1, 2, 3, 12, 40)]

    for n_seconds, low, high in zip((30, 60, 120, 61_440, 86_400), shortest, longest, strict=True):
        assert dt.timedelta(seconds=n_seconds) / 2 <= low < high <= dt.timedelta(seconds=n_seconds)
        assert high - low > dt.timedelta(seconds=n_seconds) / 4  # jitter: not everybody comes back at once


def test_consent_is_checked_again_when_the_case_asks(sqlite_mm: Matchmaker) -> None:
    with peer(ANSWER) as there:
        register(sqlite_mm, "Spain", there.url)
        case_id = submit(sqlite_mm, a_case())
        (claim,) = claimed(sqlite_mm)
        stored = cases.get(sqlite_mm, case_id, by=SYSTEM)
        cases.edit(sqlite_mm, replace(stored.case, sharing=Sharing.PRIVATE), version=1, by=SYSTEM)

        assert ask(sqlite_mm, claim) is State.NOT_SHARED
        worker.drain(sqlite_mm)

    assert there.connections == 0


def test_withdrawn_and_erased_cases_ask_nobody_any_more(sqlite_mm: Matchmaker) -> None:
    with peer(ANSWER) as there:
        register(sqlite_mm, "Spain", there.url)
        withdrawn, erased = submit(sqlite_mm, a_case()), submit(sqlite_mm, replace(a_case(), local_id="OURS-2"))
        claims = claimed(sqlite_mm)
        cases.withdraw(sqlite_mm, withdrawn, by=SYSTEM)
        cases.erase(sqlite_mm, erased, by=SYSTEM)

        assert [ask(sqlite_mm, claim) for claim in claims] == [None, None]
        worker.drain(sqlite_mm)

    assert there.connections == 0


def test_answer_about_an_older_version_is_not_kept(sqlite_mm: Matchmaker) -> None:
    register(sqlite_mm, "Spain", "http://127.0.0.1:9/mme")
    case_id = submit(sqlite_mm, a_case())

    def answered_after_an_edit(*given: object) -> None:
        stored = cases.get(sqlite_mm, case_id, by=SYSTEM)
        cases.edit(sqlite_mm, replace(stored.case, notes="changed"), version=1, by=SYSTEM)
        ANSWER(*given)  # type: ignore[arg-type]

    with peer(answered_after_an_edit) as there:
        register(sqlite_mm, "Spain", there.url)
        (claim,) = claimed(sqlite_mm)
        assert ask(sqlite_mm, claim) is State.ANSWERED

    assert found_by(sqlite_mm, case_id) == []
    assert len(claimed(sqlite_mm)) == 1  # the new version asks again


@pytest.mark.slow
@pytest.mark.parametrize(("acute", "days"), [(False, 30), (True, 1)])
def test_node_that_answered_is_asked_again_after_a_month_or_daily_when_acute(
    sqlite_mm: Matchmaker, *, acute: bool, days: int
) -> None:
    with peer(ANSWER) as there:
        register(sqlite_mm, "Spain", there.url)
        case_id = submit(sqlite_mm, replace(a_case(), acute=acute))
        worker.drain(sqlite_mm)

    assert 0.89 * days * DAY < next_asking(sqlite_mm) <= days * DAY
    stored = cases.get(sqlite_mm, case_id, by=SYSTEM)
    later = standing.next_asking(stored, at=now() + 15 * DAY) - now()
    assert later > 40 * DAY  # after a fortnight an acute case is one like the others


def test_changed_case_asks_again_at_once(sqlite_mm: Matchmaker) -> None:
    with peer(ANSWER) as there:
        register(sqlite_mm, "Spain", there.url)
        case_id = submit(sqlite_mm, a_case())
        worker.drain(sqlite_mm)
        cases.edit(sqlite_mm, replace(a_case(terms=["HP:0001250"]), id=case_id), version=1, by=SYSTEM)
        worker.drain(sqlite_mm)

    assert len(there.asked) == 2
    assert len(found_by(sqlite_mm, case_id)) == 1


def test_acute_case_is_asked_before_an_import_that_came_first(sqlite_mm: Matchmaker) -> None:
    register(sqlite_mm, "Spain", None)
    cases.submit_many(sqlite_mm, [replace(a_case(), local_id=f"I-{n}") for n in range(30)], by=SYSTEM)
    acute = submit(sqlite_mm, replace(a_case(), acute=True))

    assert claimed(sqlite_mm)[0].task.case_id == acute


def test_new_node_is_asked_with_the_cases_that_were_there_before_it(sqlite_mm: Matchmaker) -> None:
    shared = submit(sqlite_mm, a_case())
    eea = submit(sqlite_mm, replace(a_case(sharing=Sharing.EEA), local_id="OURS-2"))
    submit(sqlite_mm, replace(a_case(sharing=Sharing.NATIONAL), local_id="OURS-3"))
    register(sqlite_mm, "Spain", None)
    register(sqlite_mm, "America", None, country="US")
    america = nodes.show(sqlite_mm, NodeName("America")).node
    assert not consent.may_share(a_case(), america, jurisdiction="EEA")

    assert standing.sweep(sqlite_mm) == 2
    assert standing.sweep(sqlite_mm) == 0
    assert {(claim.task.case_id, claim.task.node) for claim in claimed(sqlite_mm)} == {(shared, SPAIN), (eea, SPAIN)}


def test_node_that_was_removed_leaves_no_work(sqlite_mm: Matchmaker) -> None:
    register(sqlite_mm, "Spain", None)
    submit(sqlite_mm, a_case())
    nodes.remove(sqlite_mm, SPAIN, by=SYSTEM)

    standing.sweep(sqlite_mm)

    assert claimed(sqlite_mm, at=now() + 400 * DAY) == []


def test_every_case_is_matched_again_with_another_release(sqlite_mm: Matchmaker) -> None:
    submit(sqlite_mm, a_case())
    assert standing.match_again_after_a_release(sqlite_mm) == 0
    worker.drain(sqlite_mm)
    assert standing.match_again_after_a_release(sqlite_mm) == 0
    with sqlite_mm.transaction() as db:
        marks.put(db, "matched with", "an older release")

    assert standing.match_again_after_a_release(sqlite_mm) == 1
    with sqlite_mm.reading() as db:
        assert work.count(db) == {"match": 1}


def test_set_aside_match_is_not_told_again(sqlite_mm: Matchmaker) -> None:
    with peer(ANSWER) as there:
        register(sqlite_mm, "Spain", there.url)
        case_id = submit(sqlite_mm, a_case())
        worker.drain(sqlite_mm)
        (match,) = found_by(sqlite_mm, case_id)
        with sqlite_mm.transaction() as db:
            matches.set_status(db, match.id, MatchStatus.DISMISSED)

    assert list(notifications.alerts(sqlite_mm, by=SYSTEM)) == []


@pytest.mark.slow
def test_hanging_node_does_not_keep_local_matches_waiting(sqlite_mm: Matchmaker) -> None:
    with peer(hang) as there:
        register(sqlite_mm, "Spain", there.url)
        submit(sqlite_mm, a_case())
        other = submit(sqlite_mm, replace(a_case(), local_id="OURS-2", owner="other@ours.example"))
        worker.drain(sqlite_mm)

    assert [match.finding.node for match in found_by(sqlite_mm, other)] == [""]
