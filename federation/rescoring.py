"""Scoring here what another node told, so that one ordered list over all nodes makes sense.

What it withheld is unknown, not absent, so each result is scored as a partial profile.
"""

from __future__ import annotations

from dataclasses import replace

from federation.answers import AnsweredCase, MatchResponse
from federation.outcomes import NodeAnswer, NodeResult, State
from matchmaker.model import Node
from matchmaker.service import Matchmaker
from scoring.explanation import Explanation
from scoring.probability import Likelihood, likelihood, weigh
from scoring.profile import Profile
from scoring.scorer import Prepared


def read(mm: Matchmaker, query: Prepared, node: Node, response: MatchResponse, seconds: float) -> NodeAnswer:
    """Make an answer of what a node told; none of whose results can be used is a fault."""
    answer = NodeAnswer(
        node=node.name,
        state=State.ANSWERED,
        seconds=seconds,
        n_dropped=len(response.dropped),
        disclaimer=response.disclaimer,
        terms=response.terms,
    )
    if response.dropped and not response.results:
        why = f"{node.name}: none of its {len(response.dropped)} results can be used"
        return replace(answer, state=State.INVALID, error=why)
    return replace(answer, results=tuple(_scored(mm, query, node, told) for told in response.results))


def _scored(mm: Matchmaker, query: Prepared, node: Node, told: AnsweredCase) -> NodeResult:
    profile = mm.profile(told.case)
    explanation = mm.scorer.explain(query, profile, partial=True)
    likely = likelihood_of_told(mm, query.profile, profile, explanation, n_searched=node.declared_cases)
    result = NodeResult(
        node=node.name, told=told, score=explanation.score, explanation=explanation, partial=True, likelihood=likely
    )
    if told.score is not None and told.scoring == mm.scorer.version:
        # It scored its whole case by the very same rules, which is better than what we make of a part of it.
        return replace(result, score=replace(explanation.score, total=told.score), partial=False)
    return result


def likelihood_of_told(
    mm: Matchmaker, query: Profile, told: Profile, explanation: Explanation, *, n_searched: int | None
) -> Likelihood | None:
    """How likely a case of another node has the query's disease gene, by the part of it that was told."""
    if not n_searched:
        return None
    evidence = weigh(
        query,
        told,
        phenotype=explanation.phenotype,
        evidence=explanation.evidence,
        parameters=mm.scorer.parameters,
        partial=True,
    )
    return likelihood(evidence, n_searched=n_searched, prior=mm.settings.prior)
