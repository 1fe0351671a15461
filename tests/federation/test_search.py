import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from federation import nodes
from federation.deadline import Deadline
from federation.outcomes import NodeAnswer, State, ranked
from federation.search import ask_all, ask_each
from matchmaker.actors import SYSTEM
from matchmaker.model import Case, Disclosure, Node, NodeName, Sharing
from matchmaker.service import Matchmaker
from matchmaker.store import audit as audit_log
from tests.federation import peers
from tests.federation.peers import Behaviour, answering, late, peer
from tests.federation.worlds import PHGDH, a_case, a_result, an_answer, our_node, register


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matchmaker]:
    """One node for all tests, which has its scores ready as one that serves does."""
    with our_node(tmp_path_factory.mktemp("search") / "home") as mm:
        assert mm.scorer.version
        yield mm


@pytest.fixture
def mm(running: Matchmaker) -> Iterator[Matchmaker]:
    yield running
    for node in nodes.list_(running):
        nodes.remove(running, node.name, by=SYSTEM)


def ask_one(mm: Matchmaker, behave: Behaviour, *, case: Case | None = None, seconds: float = 2) -> NodeAnswer:
    with peer(behave) as there:
        node = register(mm, "Peer", there.url)
        (answer,) = ask_all(mm, case or a_case(), [node], deadline=Deadline.after(seconds), heed_breaker=False)
    return answer


@pytest.mark.slow
def test_answers_come_in_the_order_of_the_nodes_whoever_was_first(mm: Matchmaker) -> None:
    slow, quick = late(0.2, answering(an_answer(a_result("S")))), answering(an_answer(a_result("Q")))
    with peer(slow) as a, peer(quick) as b:
        asked = [register(mm, "Slow", a.url), register(mm, "Quick", b.url)]
        in_order = ask_all(mm, a_case(), asked, deadline=Deadline.after(10))
        as_they_came = list(ask_each(mm, a_case(), asked, deadline=Deadline.after(10)))

    assert [answer.node for answer in in_order] == ["Slow", "Quick"]
    assert [answer.node for answer in as_they_came] == ["Quick", "Slow"]
    assert {answer.state for answer in in_order} == {State.ANSWERED}


def test_request_is_the_disclosure_view_and_nothing_that_stays_at_home(mm: Matchmaker) -> None:
    with peer(answering(an_answer())) as there:
        ask_all(mm, a_case(), [register(mm, "Peer", there.url)], deadline=Deadline.after(2))

    (asked,) = there.asked
    patient = json.loads(asked.body)["patient"]
    assert {feature["id"] for feature in patient["features"]} == {f.term for f in a_case().features}
    assert patient["genomicFeatures"][0]["gene"]["_symbol"] == "PHGDH"
    for canary in (b"Canary", b"OURS-1", b"A Doctor", b"doctor@"):
        assert canary not in asked.body
    assert asked.headers["x-auth-token"] == "secret"


def test_case_at_gene_level_asks_with_its_genes_alone(mm: Matchmaker) -> None:
    with peer(answering(an_answer())) as there:
        case = replace(a_case(), disclosure=Disclosure.GENE)
        ask_all(mm, case, [register(mm, "Peer", there.url)], deadline=Deadline.after(2))

    patient = json.loads(there.asked[0].body)["patient"]
    assert "features" not in patient
    assert len(patient["genomicFeatures"]) == 1


@pytest.mark.parametrize(
    "case",
    [a_case(sharing=Sharing.PRIVATE), a_case(sharing=Sharing.NATIONAL), a_case(basis=" ")],
    ids=["private", "national", "no basis"],
)
def test_case_that_is_not_shared_with_a_node_does_not_ask_it(mm: Matchmaker, case: Case) -> None:
    with peer(answering(an_answer())) as there:
        (answer,) = ask_all(mm, case, [register(mm, "Peer", there.url)], deadline=Deadline.after(2))

    assert (answer.state, answer.seconds) == (State.NOT_SHARED, 0.0)
    assert there.connections == 0


def test_eea_case_does_not_ask_a_node_elsewhere(mm: Matchmaker) -> None:
    with peer(answering(an_answer())) as inside, peer(answering(an_answer())) as outside:
        asked = [register(mm, "In", inside.url), register(mm, "Out", outside.url, country="US")]
        answers = ask_all(mm, a_case(sharing=Sharing.EEA), asked, deadline=Deadline.after(2))

    assert [answer.state for answer in answers] == [State.ANSWERED, State.NOT_SHARED]
    assert outside.connections == 0


@pytest.mark.parametrize("removed", [False, True])
def test_node_that_was_paused_or_removed_a_moment_ago_is_not_asked(mm: Matchmaker, *, removed: bool) -> None:
    with peer(answering(an_answer())) as there:
        seen_before = register(mm, "Peer", there.url)
        (nodes.remove if removed else nodes.disable)(mm, NodeName("Peer"), by=SYSTEM)
        (answer,) = ask_all(mm, a_case(), [seen_before], deadline=Deadline.after(2))

    assert answer.state is State.PAUSED
    assert there.connections == 0


def test_results_are_scored_here_beside_the_score_of_the_node(mm: Matchmaker) -> None:
    alike = a_result("Alike", score=0.2)
    unlike = a_result("Unlike", terms=["HP:0001627"], gene="TTN", score=0.9)

    answer = ask_one(mm, answering(an_answer(unlike, alike)))

    by_id = {result.case.local_id: result for result in answer.results}
    assert by_id["Alike"].told.score == 0.2
    assert by_id["Alike"].score.total > by_id["Unlike"].score.total
    assert [shared.gene for shared in by_id["Alike"].explanation.genes] == [PHGDH]
    assert [result.case.local_id for result in ranked([answer])] == ["Alike", "Unlike"]
    assert all(result.partial and result.explanation.partial for result in answer.results)


def test_probability_is_told_where_it_is_declared_how_many_cases_a_node_has(mm: Matchmaker) -> None:
    ask_here = answering(an_answer(a_result("Alike", score=0.2)))
    with peer(ask_here) as there:
        node = register(mm, "Peer", there.url)
        (silent,) = ask_all(mm, a_case(), [node], deadline=Deadline.after(2))
        declared = replace(node, declared_cases=5_000)
        nodes.change(mm, declared, by=SYSTEM)
        (answer,) = ask_all(mm, a_case(), [declared], deadline=Deadline.after(2))

    assert [result.likelihood for result in silent.results] == [None]
    (likely,) = (result.likelihood for result in answer.results)
    assert likely is not None
    assert (likely.n_searched, likely.prior) == (5_000, mm.settings.prior)
    assert 0.0 < likely.probability < 1.0


def test_node_that_names_our_scoring_keeps_its_own_score(mm: Matchmaker) -> None:
    ours = {"scoring": mm.scorer.version, "genes": [], "terms": [], "contradictions": []}
    answer = ask_one(
        mm,
        answering(
            an_answer(
                a_result("Same", score=0.45, _explanation=ours),
                a_result("Other", score=0.45, _explanation={**ours, "scoring": "R-0"}),
            )
        ),
    )

    same, other = answer.results
    assert (same.score.total, same.partial) == (0.45, False)
    assert (other.score.total != 0.45, other.partial) == (True, True)


def test_order_over_all_nodes_is_by_score_then_node_then_id(mm: Matchmaker) -> None:
    with (
        peer(answering(an_answer(a_result("2"), a_result("1"), a_result("0", terms=["HP:0001627"])))) as b,
        peer(answering(an_answer(a_result("3")))) as a,
    ):
        asked = [register(mm, "B", b.url), register(mm, "A", a.url)]
        answers = ask_all(mm, a_case(), asked, deadline=Deadline.after(2))

    assert [(result.node, result.case.local_id) for result in ranked(answers)] == [
        ("A", "3"),
        ("B", "1"),
        ("B", "2"),
        ("B", "0"),
    ]


def test_disclaimer_and_terms_of_the_node_are_kept_with_its_results(mm: Matchmaker) -> None:
    answer = ask_one(mm, answering(an_answer(a_result(), _disclaimer="No warranty", terms="https://peer.example")))

    assert (answer.disclaimer, answer.terms) == ("No warranty", "https://peer.example")


def test_bad_result_among_good_ones_costs_that_one(mm: Matchmaker) -> None:
    answer = ask_one(mm, answering(an_answer(a_result(), {"patient": None}, None, a_result("T2", score=None))))

    assert answer.state is State.ANSWERED
    assert [result.case.local_id for result in answer.results] == ["T1", "T2"]
    assert answer.n_dropped == 2


def test_node_whose_results_are_all_bad_has_not_answered_no_matches(mm: Matchmaker) -> None:
    answer = ask_one(mm, answering(an_answer({"patient": {"id": "x"}}, None)))

    assert (answer.state, answer.results, answer.n_dropped) == (State.INVALID, (), 2)
    assert answer.error is not None
    assert "none of its 2 results" in answer.error


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"canary",
        b"[]",
        b'{"results": null}',
        b'{"error": "canary"}',
        b'{"results": NaN}',
        b'{"results": [], "canary": 1, "canary": 2}',
        b'{"results": ' + b"[" * 100_000,
        b'{"results": [' + b"[" * 100 + b"]" * 100 + b"]}",
        '{"results": [], "x": "ü"}'.encode("latin-1"),
    ],
    ids=["empty", "word", "list", "null", "no results", "NaN", "twice", "very deep", "deep", "latin-1"],
)
def test_answer_that_is_no_matchmaker_exchange_is_invalid_and_not_repeated(mm: Matchmaker, body: bytes) -> None:
    answer = ask_one(mm, answering(body))

    assert (answer.state, answer.results) == (State.INVALID, ())
    assert answer.error is not None
    assert "canary" not in answer.error


@pytest.mark.slow
@pytest.mark.parametrize(
    ("behave", "state"),
    [
        (peers.hang, State.TIMEOUT),
        (peers.drip_body, State.TIMEOUT),
        (peers.reset, State.UNREACHABLE),
        (peers.garbage, State.INVALID),
        (peers.endless_body, State.TOO_LARGE),
        (answering(b"", status=401), State.REFUSED),
        (answering(b"", status=500), State.REFUSED),
        (answering(b"<html>", media_type="text/html"), State.INVALID),
    ],
)
def test_every_fault_has_its_name_and_its_time(mm: Matchmaker, behave: Behaviour, state: State) -> None:
    answer = ask_one(mm, behave, seconds=0.6)

    assert answer.state is state
    assert 0 < answer.seconds < 1
    assert answer.error is not None
    assert answer.error.startswith("Peer: ")


def test_exchange_is_on_record_and_the_audit_log_says_what_left_to_whom(mm: Matchmaker) -> None:
    ask_one(mm, answering(an_answer(a_result())))

    call = nodes.show(mm, NodeName("Peer")).latest[0]
    assert (call.kind, call.status, call.n_results) == ("match", "answered", 1)
    assert call.fingerprint is not None
    assert call.seconds > 0
    with mm.reading() as db:
        events = [entry.event for entry in audit_log.entries(db)]
        assert audit_log.first_broken(db) is None
    assert [(event.action, event.node) for event in events][-1] == ("case sent", "Peer")
    assert "Canary" not in repr(events)


def test_node_that_failed_five_times_is_left_alone_and_not_shown_as_empty(mm: Matchmaker) -> None:
    with peer(peers.garbage) as there:
        node = register(mm, "Failing", there.url)
        states = [ask_all(mm, a_case(), [node], deadline=Deadline.after(1))[0].state for _ in range(7)]
        asked_anyway = ask_all(mm, a_case(), [node], deadline=Deadline.after(1), heed_breaker=False)

    assert states == [State.INVALID] * 5 + [State.PAUSED] * 2
    assert asked_anyway[0].state is State.INVALID
    assert len(there.asked) == 6


def test_version_that_a_node_fell_back_to_is_remembered(mm: Matchmaker) -> None:
    with peer(peers.in_turn(answering(b"", status=406), answering(an_answer()))) as there:
        register(mm, "Peer", there.url)
        nodes.learn_version(mm, NodeName("Peer"), "1.1")
        for _ in range(2):
            ask_all(mm, a_case(), nodes.list_(mm), deadline=Deadline.after(10))

    assert [asked.headers["accept"] for asked in there.asked] == [peers.V11, peers.V10, peers.V10]


def test_without_nodes_there_are_no_answers(mm: Matchmaker) -> None:
    assert ask_all(mm, a_case(), [], deadline=Deadline.after(1)) == []
    assert ranked([]) == []


def test_who_stops_listening_stops_waiting(mm: Matchmaker) -> None:
    with peer(peers.hang) as slow, peer(answering(an_answer())) as quick:
        asked: list[Node] = [register(mm, "Slow", slow.url), register(mm, "Quick", quick.url)]
        started = time.monotonic()
        answers = ask_each(mm, a_case(), asked, deadline=Deadline.after(2))
        first = next(answers)
        answers.close()  # type: ignore[attr-defined]
        assert time.monotonic() - started < 1.5

    assert first.node == "Quick"


def test_states_are_the_words_of_the_contract() -> None:
    contract = "answered, unreachable, timeout, refused, invalid, too-large, paused, not-shared"
    assert {state.value for state in State} == set(contract.split(", "))
