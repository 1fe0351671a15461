"""What MME.md says of answers from nodes: scores of all scales, and one bad result among good ones costs that one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.answers import MAX_RESULTS, MatchResponse, read_response, score_of
from matchmaker.errors import Invalid
from tests.federation.patients import a_patient, the_release


def a_result(**stated: Any) -> dict[str, Any]:
    usual = {"score": {"patient": 0.5}, "patient": a_patient()}
    return {key: value for key, value in {**usual, **stated}.items() if value is not ...}


def answered(*results: Any, **beside: Any) -> MatchResponse:
    return read_response({"results": list(results), **beside}, release=the_release(), owner="node spain")


@pytest.mark.parametrize(
    ("sent", "score", "as_sent"),
    [
        ({"patient": 0.8}, 0.8, "0.8"),
        ({"patient": "0.8"}, 0.8, "0.8"),
        ({"patient": "80 %"}, 0.8, "80 %"),
        ({"patient": 80}, 0.8, "80"),
        ({"patient": 1}, 1.0, "1"),
        ({"patient": 1.0000001}, 1.0, "1.0000001"),
        ({"patient": 250}, 1.0, "250"),
        ({"patient": -0.2}, 0.0, "-0.2"),
        (0.7, 0.7, "0.7"),
        ({"patient": "high"}, None, "high"),
        ({"patient": True}, None, "True"),
        ({"patient": None}, None, None),
        ({}, None, None),
        (None, None, None),
        (..., None, None),
    ],
)
def test_score_of_any_scale_is_clamped_and_shown_as_sent(sent: Any, score: float | None, as_sent: str | None) -> None:
    [result] = answered(a_result(score=sent)).results

    assert result.score == pytest.approx(score) if score is not None else result.score is None
    assert result.score_as_sent == as_sent


@given(st.floats(allow_nan=False) | st.integers() | st.text())
def test_score_is_never_outside_its_range(sent: Any) -> None:
    score = score_of(sent)

    assert score is None or 0.0 <= score <= 1.0


@pytest.mark.parametrize(
    ("bad", "path"),
    [
        (None, "results[1].patient"),
        ("x", "results[1].patient"),
        ({}, "results[1].patient"),
        (a_result(patient=None), "results[1].patient"),
        (a_result(patient=a_patient(id="")), "results[1].patient.id"),
        (a_result(patient=a_patient(contact=None)), "results[1].patient.contact"),
        (a_result(patient=a_patient(features=None)), "results[1].patient.features"),
    ],
)
def test_one_bad_result_among_good_ones_costs_that_one(bad: Any, path: str) -> None:
    response = answered(a_result(), bad, a_result(patient=a_patient(id="P2")))

    assert [result.case.local_id for result in response.results] == ["P0000079", "P2"]
    [dropped] = response.dropped
    assert dropped.path == path
    assert dropped.message


def test_results_keep_their_order_and_belong_to_the_node() -> None:
    response = answered(a_result(score={"patient": 0.1}), a_result(score={"patient": 0.9}))

    assert [result.score for result in response.results] == [0.1, 0.9]
    assert {result.case.owner for result in response.results} == {"node spain"}


def test_results_beyond_a_hundred_are_dropped_and_counted() -> None:
    response = answered(*[a_result()] * (MAX_RESULTS + 2))

    assert len(response.results) == 100
    assert [issue.path for issue in response.dropped] == ["results[100]", "results[101]"]


def test_no_results_is_an_answer() -> None:
    assert answered() == MatchResponse()


@pytest.mark.parametrize("sent", [{}, {"results": None}, {"results": {}}, {"results": "none"}, [], None, "<html>", 5])
def test_answer_without_a_list_of_results_is_none(sent: Any) -> None:
    with pytest.raises(Invalid):
        read_response(sent, release=the_release())


@pytest.mark.parametrize("mark", ["", "_"])
def test_disclaimer_and_terms_are_kept(mark: str) -> None:
    response = answered(**{f"{mark}disclaimer": "For research", f"{mark}terms": "Be kind"})

    assert (response.disclaimer, response.terms) == ("For research", "Be kind")


def test_warnings_of_a_result_stay_with_it() -> None:
    [result] = answered(a_result(patient=a_patient(features=[{"id": "HP:9999999"}]))).results

    assert [warning.path for warning in result.warnings] == ["features[0].id"]
