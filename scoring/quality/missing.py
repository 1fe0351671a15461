"""What queries that miss the ten best have in common: what their relevant cases share, and who stands before them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.quality.cases import PublishedCase, Truth
from scoring.quality.measures import best_ranks

TEN = 10
MOST_SHARED = 4  # and more


def missing(
    scores: NDArray[np.float64],
    positions: NDArray[np.int64],
    cases: Sequence[PublishedCase],
    truth: Truth,
) -> dict[str, Any]:
    """Say how far the hits among the ten best depend on what there is to find.

    Parameters
    ----------
    scores : float64 array of shape (n_queries, n_cases)
        Higher is better; 0 is not found.

    Returns
    -------
    dict
        JSON-able, each disease counted alike: `by_shared_terms` has the share of queries and their hit@10 by the most
        terms that a relevant case has in common with the query; `one_place_per_paper` is the hit@10 when cases of one
        paper take one place.
    """
    ranks = best_ranks(scores, positions, truth, single=False)
    diseases = truth.disease[positions]
    weights = 1.0 / np.bincount(diseases)[diseases] / len(np.unique(diseases))
    found, shared = np.zeros(len(positions), np.bool_), np.zeros(len(positions), np.int64)
    terms = [frozenset(case.terms) for case in cases]
    for row, query in enumerate(positions.tolist()):
        others = truth.paper != truth.paper[query]
        relevant = np.flatnonzero(others & (truth.disease == truth.disease[query]))
        shared[row] = max((len(terms[query] & terms[case]) for case in relevant.tolist()), default=0)
        before = others & (scores[row] > scores[row, relevant].max(initial=0.0))
        found[row] = np.isfinite(ranks[row]) and len(np.unique(truth.paper[before])) < TEN
    shared = np.minimum(shared, MOST_SHARED)
    by_shared = {}
    for count in range(MOST_SHARED + 1):
        those = shared == count
        share = float(weights[those].sum())
        hits = float(weights[those & (ranks <= TEN)].sum())
        name = f"{count} or more" if count == MOST_SHARED else str(count)
        by_shared[name] = {"share": round(share, 4), "hit@10": round(hits / share, 4) if share else None}
    return {"by_shared_terms": by_shared, "one_place_per_paper": round(float(weights[found].sum()), 4)}
