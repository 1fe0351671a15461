"""One ordered list over all nodes: what was found at home and what other nodes told, spelled the same way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from federation.outcomes import NodeAnswer
from matchmaker import wording
from matchmaker.matching import MatchResult
from matchmaker.model import Case, Score
from ontology.releases import Release
from scoring.explanation import Explanation
from scoring.probability import Likelihood


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One similar case, wherever it is; `id` is the one that its node gave, at home the owner's own."""

    node: str
    id: str
    score: Score
    case: Case
    explanation: Explanation
    at_home: bool
    partial: bool = False  # scored by us from a part of the case
    likelihood: Likelihood | None = None  # None: how many cases its node searched is not declared
    told_score: str | None = None  # on that node's own scale, as it was sent

    def to_dict(self, release: Release) -> dict[str, Any]:
        """Spell it as `matchmaker match --json` does."""
        return {
            "node": self.node,
            "id": self.id,
            "score": self.score.total,
            "probability": None if self.likelihood is None else self.likelihood.to_dict(),
            "genes": list(self.genes(release)),
            "reasons": list(wording.reasons(self.explanation, release)),
        }

    def genes(self, release: Release) -> tuple[str, ...]:
        """The symbols of the shared genes, the most telling first."""
        return tuple(release.genes.symbol(shared.gene) for shared in self.explanation.genes if shared.gene)


def combined(here: str, local: Iterable[MatchResult], answers: Sequence[NodeAnswer]) -> list[Finding]:
    """Put the results of all nodes in one order, the best first; equal ones by raw score, node and id.

    Parameters
    ----------
    here : str
        What to call our own node.
    """
    at_home = [
        Finding(
            node=here,
            id=result.case.local_id,
            score=result.score,
            case=result.case,
            explanation=result.explanation,
            at_home=True,
            likelihood=result.likelihood,
        )
        for result in local
    ]
    away = [
        Finding(
            node=str(result.node),
            id=result.told.case.local_id,
            score=result.score,
            case=result.case,
            explanation=result.explanation,
            at_home=False,
            partial=result.partial,
            likelihood=result.likelihood,
            told_score=result.told.score_as_sent,
        )
        for answer in answers
        for result in answer.results
    ]
    return sorted([*at_home, *away], key=_place)


def _place(finding: Finding) -> tuple[float, float, str, str]:
    return (-finding.score.total, -finding.explanation.raw, finding.node, finding.id)
