"""S: how the parts of a comparison become one raw number. Works on one pair and on many at once.

`PD`, `EPC`, `sqrt(F B)` and `V` each say something else: how near the best terms come, how much of the whole two
profiles share, whether each side's terms find a partner, and which share of the query is met (nearly) exactly. Their
sum is divided by how much the case resembles patients in general. See docs/ranking.md for what each adds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.parameters import Parameters

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySize:
    """What the query's terms can reach at most: their own similarity in sqrt(nats), weight and content in nats."""

    n_terms: int
    mean_self: float
    max_self: float
    weight: float
    content: float

    def best(self, parameters: Parameters) -> float:
        """The sum that the query's phenotype reaches with itself, which no other case exceeds."""
        if self.max_self <= 0.0:
            return 0.0
        return (
            2.0 + parameters.mutual_weight * self.mean_self + parameters.coverage_weight * self.own_coverage(parameters)
        )

    def own_coverage(self, parameters: Parameters) -> float:
        """V of the query with itself."""
        return self.content / (self.content + parameters.coverage_offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermFacts:
    """What a query's observed terms and each of n cases have in common; arrays of shape (n_cases,).

    Attributes
    ----------
    forward : F, mean over the query's terms of their best s in the case, sqrt(nats)
    backward : B, the reverse
    strongest : M, the best single s
    exact : sum over the query's terms of their best IC(mica) J^4 in the case, nats
    shared : weight of what both closures and both lists hold, nats
    n_terms : observed terms of the case
    weight : weight of the case's closure and list, nats
    content : sum of the information content of the case's terms, nats
    n_contradictions : excluded terms of either side that contradict
    """

    forward: FloatArray
    backward: FloatArray
    strongest: FloatArray
    exact: FloatArray
    shared: FloatArray
    n_terms: NDArray[np.int64]
    weight: FloatArray
    content: FloatArray
    n_contradictions: NDArray[np.int64]

    @classmethod
    def nothing(cls, *, n_terms: int, n_contradictions: int) -> TermFacts:
        zero = np.zeros(1)
        return cls(
            forward=zero,
            backward=zero,
            strongest=zero,
            exact=zero,
            shared=zero,
            n_terms=np.array([n_terms]),
            weight=zero,
            content=zero,
            n_contradictions=np.array([n_contradictions]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PhenotypeParts:
    """The terms of the sum, each of shape (n_cases,), in raw score; contradictions are <= 0."""

    resemblance: FloatArray
    common_ground: FloatArray
    mutual: FloatArray
    coverage: FloatArray
    contradictions: FloatArray

    @property
    def raw(self) -> FloatArray:
        return self.agreement + self.contradictions

    @property
    def agreement(self) -> FloatArray:
        """All that speaks for likeness."""
        return self.resemblance + self.common_ground + self.mutual + self.coverage


def combine(
    facts: TermFacts,
    query: QuerySize,
    parameters: Parameters,
    *,
    divisor: FloatArray | float,
    partial: bool = False,
) -> PhenotypeParts:
    """Add up S for each case.

    Parameters
    ----------
    divisor : float64 array of shape (n_cases,) or float
        Each case's background to its power, > 0 (`divisor_of`).
    partial : bool
        The cases withhold terms: only the query's direction is scored, since what was withheld is unknown.

    Returns
    -------
    PhenotypeParts
        All zero when the query has no term that says anything.

    Notes
    -----
    `sqrt(F B)` and `V` are held at their values of the query with itself, which a case with only the query's rarest
    term could exceed: before it is divided, nothing has a larger sum than the query. Every part rises with F, B, M, the
    exact and the shared weight, so that bounds of these bound the score; the divisor is one stored number per case.
    """
    if query.max_self <= 0.0:
        zero = np.zeros_like(facts.forward)
        return PhenotypeParts(resemblance=zero, common_ground=zero, mutual=zero, coverage=zero, contradictions=zero)
    backward = facts.forward if partial else facts.backward
    n_terms = 0 if partial else facts.n_terms
    pooled = (query.n_terms * facts.forward + n_terms * backward) / (query.n_terms + n_terms)
    resemblance = np.minimum(1.0, 0.5 * (facts.strongest / query.max_self + pooled / query.mean_self))
    union = query.weight if partial else query.weight + facts.weight - facts.shared
    common_ground = np.sqrt(np.minimum(1.0, facts.shared / union))
    mutual = parameters.mutual_weight * np.minimum(np.sqrt(facts.forward * backward), query.mean_self)
    own, theirs = query.content + parameters.coverage_offset, facts.content + parameters.coverage_offset
    among = own if partial else own**parameters.coverage_query_share * theirs ** (1.0 - parameters.coverage_query_share)
    coverage = parameters.coverage_weight * np.minimum(facts.exact / among, query.own_coverage(parameters))
    cost = np.minimum(parameters.contradiction_limit, parameters.contradiction_cost * facts.n_contradictions)
    return PhenotypeParts(
        resemblance=resemblance / divisor,
        common_ground=common_ground / divisor,
        mutual=mutual / divisor,
        coverage=coverage / divisor,
        contradictions=-cost * (resemblance + common_ground + mutual + coverage) / divisor,
    )


def divisor_of(background: FloatArray, parameters: Parameters) -> FloatArray:
    """What a case's sums are divided by, of its background (any shape, >= 0)."""
    return np.maximum(background, parameters.background_least) ** parameters.background_exponent


def with_genes(phenotype: FloatArray, evidence: FloatArray, parameters: Parameters) -> FloatArray:
    """Multiply raw phenotype scores by what shared genes say, ln of a factor >= 0; shapes alike, 0 is no evidence."""
    least = np.maximum(phenotype, parameters.gene_least_phenotype)
    return np.where(evidence > 0.0, least * np.exp(evidence), phenotype)
