"""What another node answered: results one by one, so that a bad one costs only itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from federation import reading
from federation.schemas import ANSWER_LIMITS, read_case
from matchmaker.errors import Invalid, Issue
from matchmaker.model import Case
from ontology.releases import Release

MAX_RESULTS = 100  # of one answer (SAFETY.md, Federation under faults)

_NUMBER = re.compile(r"\s*(-?[0-9]{0,10}\.?[0-9]{1,20}(?:[eE]-?[0-9]{1,3})?)\s*(%?)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCase:
    """One result: the case as it was told, and the score on that node's own scale."""

    case: Case
    score: float | None = None  # in [0, 1]; None: not stated, or not to be read
    score_as_sent: str | None = None
    scoring: str | None = None  # the version of that score, from a node of our own kind
    warnings: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchResponse:
    """A node's answer; `dropped` are the results that could not be used, and why."""

    results: tuple[AnsweredCase, ...] = ()
    dropped: tuple[Issue, ...] = ()
    disclaimer: str | None = None
    terms: str | None = None


def read_response(response: Any, *, release: Release, owner: str | None = None) -> MatchResponse:
    """Read the answer to a match request, in the order in which it was sent; the cases belong to `owner`.

    Raises
    ------
    Invalid
        When it is no answer at all: no object, or `results` is missing, null or no list.
    """
    if not isinstance(response, dict):
        raise _no_answer("", "is no object")
    sent = response.get("results")
    if not isinstance(sent, list):
        raise _no_answer("results", "is missing" if "results" not in response else "is null or no list")
    results: list[AnsweredCase] = []
    dropped: list[Issue] = []
    for index, result in enumerate(sent):
        try:
            results.append(_result(result, f"results[{index}]", is_over=index >= MAX_RESULTS, source=(release, owner)))
        except Invalid as error:
            dropped.extend(error.issues[:1])
    return MatchResponse(
        results=tuple(results),
        dropped=tuple(dropped),
        disclaimer=reading.text(response.get("disclaimer")) or reading.text(response.get("_disclaimer")),
        terms=reading.text(response.get("terms")) or reading.text(response.get("_terms")),
    )


def score_of(value: Any) -> float | None:
    """Bring a score to [0, 1]: a number, digits in a string, or a percentage; None when it is none of them.

    A number over 2 can only be a percentage; one a little over 1 is a rounding error of the other side.

    Examples
    --------
    >>> score_of(0.8), score_of("0.8"), score_of("85%"), score_of(85), score_of(1.0000002), score_of("high")
    (0.8, 0.8, 0.85, 0.85, 1.0, None)
    """
    percent = False
    if isinstance(value, str):
        found = _NUMBER.fullmatch(value)
        if not found:
            return None
        value, percent = float(found[1]), bool(found[2])
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return min(max(float(value) / 100 if percent or value > 2 else float(value), 0.0), 1.0)


def _result(result: Any, path: str, *, is_over: bool, source: tuple[Release, str | None]) -> AnsweredCase:
    if is_over:
        raise _no_answer(path, f"is beyond the first {MAX_RESULTS}")
    patient = result.get("patient") if isinstance(result, dict) else None
    if not isinstance(patient, dict):
        raise _no_answer(f"{path}.patient", "is missing or no object")
    try:
        read = read_case(patient, release=source[0], limits=ANSWER_LIMITS, owner=source[1])
    except Invalid as error:
        issue = error.issues[0]
        raise _no_answer(f"{path}.patient.{issue.path}", issue.message) from error
    sent, explanation = result.get("score"), result.get("_explanation")
    told = sent.get("patient") if isinstance(sent, dict) else sent
    return AnsweredCase(
        case=read.case,
        score=score_of(told),
        score_as_sent=None if told is None else reading.shown(told).strip("'"),
        scoring=reading.text(explanation.get("scoring")) if isinstance(explanation, dict) else None,
        warnings=read.warnings,
    )


def _no_answer(path: str, message: str) -> Invalid:
    return Invalid([Issue(path=path, message=message, remedy="tell the node's operator")])
