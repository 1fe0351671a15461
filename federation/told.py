"""What another node told of its case, as it is kept (sealed) with a match, and read again for the page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from federation.outcomes import NodeAnswer, NodeResult
from federation.schemas import ANSWER_LIMITS, read_case, write_case
from matchmaker.model import Case, NodeName
from matchmaker.store.matches import Finding
from ontology.releases import Release
from scoring.probability import Likelihood


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A case as a node told it; the score is that node's own, beside ours in the match."""

    node: NodeName
    case: Case
    asked_by_us: bool
    score: float | None = None  # in [0, 1]; None: not stated, or the node asked us and gave none
    score_as_sent: str | None = None
    partial: bool = True  # False: the node scores as we do, and ours is its score
    disclaimer: str | None = None  # the node's, to be shown with its results
    terms: str | None = None
    likelihood: Likelihood | None = None  # kept as numbers of the match, and not in what was told


def of_result(result: NodeResult, answer: NodeAnswer) -> Told:
    """Take from an answer what belongs to one result."""
    return Told(
        node=result.node,
        case=result.case,
        asked_by_us=True,
        score=result.told.score,
        score_as_sent=result.told.score_as_sent,
        partial=result.partial,
        disclaimer=answer.disclaimer,
        terms=answer.terms,
        likelihood=result.likelihood,
    )


def write(told: Told, release: Release) -> str:
    """Spell it for `matches.Finding.told`."""
    spelled: dict[str, Any] = {
        "patient": write_case(told.case, release),
        "score": told.score,
        "scoreAsSent": told.score_as_sent,
        "partial": told.partial,
        "disclaimer": told.disclaimer,
        "terms": told.terms,
    }
    return json.dumps({name: value for name, value in spelled.items() if value is not None})


def read(finding: Finding, release: Release) -> Told | None:
    """Read what `write` spelled; None for a match with a case of this node."""
    if finding.told is None:
        return None
    spelled: dict[str, Any] = json.loads(finding.told)
    owner = f"node {finding.node}"
    return Told(
        node=finding.node,
        case=read_case(spelled["patient"], release=release, limits=ANSWER_LIMITS, owner=owner).case,
        asked_by_us=finding.asked_by_us,
        score=spelled.get("score"),
        score_as_sent=spelled.get("scoreAsSent"),
        partial=spelled["partial"],
        disclaimer=spelled.get("disclaimer"),
        terms=spelled.get("terms"),
    )


def same_case(one: Finding, other: Finding) -> bool:
    """Say whether a node told the same of its case both times, whatever score it gave."""
    return bool(_patient(one) == _patient(other))


def _patient(finding: Finding) -> Any:
    return None if finding.told is None else json.loads(finding.told)["patient"]
