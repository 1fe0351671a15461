"""R: how the parts of a comparison become one raw number. Works on one pair and on many at once.

`PD`, `EPC` and `sqrt(F B)` each say something else: how near the best terms come, how much of the whole two profiles
share, and whether each side's terms find a partner. See docs/ranking.md for what each adds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.parameters import Parameters

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySize:
    """What the query's terms can reach at most: their own similarity in sqrt(nats), their weight in nats."""

    n_terms: int
    mean_self: float
    max_self: float
    weight: float

    def best(self, parameters: Parameters) -> float:
        """The raw score of the query's phenotype with itself, which no other case exceeds."""
        return 2.0 + parameters.mutual_weight * self.mean_self if self.max_self > 0.0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TermFacts:
    """What a query's observed terms and each of n cases have in common; arrays of shape (n_cases,).

    Attributes
    ----------
    forward : F, mean over the query's terms of their best s in the case, sqrt(nats)
    backward : B, the reverse
    strongest : M, the best single s
    shared : weight of what both closures and both lists hold, nats
    n_terms : observed terms of the case
    weight : weight of the case's closure and list, nats
    n_contradictions : excluded terms of either side that contradict
    """

    forward: FloatArray
    backward: FloatArray
    strongest: FloatArray
    shared: FloatArray
    n_terms: NDArray[np.int64]
    weight: FloatArray
    n_contradictions: NDArray[np.int64]

    @classmethod
    def nothing(cls, *, n_terms: int, n_contradictions: int) -> TermFacts:
        zero = np.zeros(1)
        return cls(
            forward=zero,
            backward=zero,
            strongest=zero,
            shared=zero,
            n_terms=np.array([n_terms]),
            weight=zero,
            n_contradictions=np.array([n_contradictions]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PhenotypeParts:
    """The terms of the sum, each of shape (n_cases,), in raw score; contradictions are <= 0."""

    resemblance: FloatArray
    common_ground: FloatArray
    mutual: FloatArray
    contradictions: FloatArray

    @property
    def raw(self) -> FloatArray:
        return self.resemblance + self.common_ground + self.mutual + self.contradictions


def combine(facts: TermFacts, query: QuerySize, parameters: Parameters, *, partial: bool = False) -> PhenotypeParts:
    """Add up R for each case.

    Parameters
    ----------
    partial : bool
        The cases withhold terms: only the query's direction is scored, since what was withheld is unknown.

    Returns
    -------
    PhenotypeParts
        All zero when the query has no term that says anything.

    Notes
    -----
    `sqrt(F B)` is held at its value of the query with itself, which a case with only the query's rarest term could
    exceed: nothing is more like the query than the query.
    """
    if query.max_self <= 0.0:
        zero = np.zeros_like(facts.forward)
        return PhenotypeParts(resemblance=zero, common_ground=zero, mutual=zero, contradictions=zero)
    backward = facts.forward if partial else facts.backward
    n_terms = 0 if partial else facts.n_terms
    pooled = (query.n_terms * facts.forward + n_terms * backward) / (query.n_terms + n_terms)
    resemblance = np.minimum(1.0, 0.5 * (facts.strongest / query.max_self + pooled / query.mean_self))
    union = query.weight if partial else query.weight + facts.weight - facts.shared
    common_ground = np.sqrt(np.minimum(1.0, facts.shared / union))
    mutual = parameters.mutual_weight * np.minimum(np.sqrt(facts.forward * backward), query.mean_self)
    cost = np.minimum(parameters.contradiction_limit, parameters.contradiction_cost * facts.n_contradictions)
    return PhenotypeParts(
        resemblance=resemblance,
        common_ground=common_ground,
        mutual=mutual,
        contradictions=-cost * (resemblance + common_ground + mutual),
    )
