"""Hits and reciprocal ranks, averaged over diseases, with intervals from resampling diseases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.quality.cases import Truth

MEASURES = ("hit@1", "hit@10", "mrr")
N_RESAMPLES = 1000
SEED = 7


def best_ranks(
    scores: NDArray[np.float64], positions: NDArray[np.int64], truth: Truth, *, single: bool
) -> NDArray[np.float64]:
    """Find at which rank each query's first relevant case stands.

    Parameters
    ----------
    scores : float64 array of shape (n_queries, n_cases)
        Higher is better; 0 is not found.
    positions : int64 array of shape (n_queries,)
        Which case each query is. Cases of its own paper never count, neither as relevant nor as others.
    single : bool
        Only one relevant case, chosen by a hash, stays among the others.

    Returns
    -------
    float64 array of shape (n_queries,)
        1 is first; inf when no relevant case was found. Equal scores are ordered by a salted hash.
    """
    ranks = np.full(len(positions), np.inf)
    for n, query in enumerate(positions.tolist()):
        others = truth.paper != truth.paper[query]
        relevant = np.flatnonzero(others & (truth.disease == truth.disease[query]))
        if not len(relevant):
            continue
        tie = mix(truth.tie ^ truth.tie[query])
        if single:
            chosen = relevant[mix(truth.tie[relevant] + truth.tie[query]).argmax()]
            others &= truth.disease != truth.disease[query]
        else:
            chosen = relevant[np.lexsort((tie[relevant], -scores[n, relevant]))[0]]
        score = scores[n, chosen]
        if score > 0.0:
            before = (scores[n] > score) | ((scores[n] == score) & (tie < tie[chosen]))
            ranks[n] = 1 + int((before & others).sum())
    return ranks


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scatter 64-bit numbers (any shape): the finalizer of SplitMix64."""
    with np.errstate(over="ignore"):
        mixed = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """How often each disease counts in each resample; the same for every method, so that differences are paired.

    Attributes
    ----------
    group : int64 array of shape (n_queries,)
        The disease of each query, 0..n_groups-1.
    shares : float64 array of shape (n_resamples, n_groups)
        Rows sum to 1.
    """

    group: NDArray[np.int64]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, diseases: NDArray[np.int64]) -> Resampling:
        known, group = np.unique(diseases, return_inverse=True)
        n_groups = len(known)
        drawn = np.random.default_rng(SEED).multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=N_RESAMPLES)
        return cls(group=group.astype(np.int64), shares=drawn / n_groups)

    def means(self, ranks: NDArray[np.float64]) -> NDArray[np.float64]:
        """The measures of each disease, averaged over its queries: float64 of shape (n_groups, n_measures)."""
        per_query = np.stack([ranks <= 1, ranks <= 10, 1.0 / ranks], axis=1)
        counts = np.bincount(self.group)
        return np.stack([np.bincount(self.group, column) / counts for column in per_query.T], axis=1)

    def summary(self, means: NDArray[np.float64]) -> dict[str, Any]:
        """The mean over diseases of each measure, or of a difference of them, with its 95 % interval."""
        low, high = np.percentile(self.shares @ means, [2.5, 97.5], axis=0)
        return {
            name: {"value": round(float(value), 4), "interval": [round(float(low[m]), 4), round(float(high[m]), 4)]}
            for m, (name, value) in enumerate(zip(MEASURES, means.mean(axis=0), strict=True))
        }
