"""The sum of `scoring.combination.combine` for one pair of cases, as kernels take it in; the tests compare both."""

from __future__ import annotations

from typing import Any

import numpy as np

from scoring.index.compiling import compiled


def _agreement(query: Any, case: Any, common: Any, mutual_weight: Any) -> Any:
    """Resemblance, common ground and mutual part, of a query that says something and a case with terms.

    `query` is (n_terms, largest s of a term with itself, mean of those, weight), `case` (n_terms, weight), `common`
    F, B, M and the shared weight.
    """
    n_query, max_self, mean_self, query_weight = query
    n_case, case_weight = case
    forward, backward, strongest, shared = common
    pooled = (n_query * forward + n_case * backward) / (n_query + n_case)
    near = 0.5 * (strongest / max_self + pooled / mean_self)
    share = shared / (query_weight + case_weight - shared)
    partners = np.sqrt(forward * backward)
    # Choices and not `min`, which looks for NaN: this is to become vector code.
    near = near if near < 1.0 else 1.0
    share = share if share < 1.0 else 1.0
    partners = partners if partners < mean_self else mean_self
    return near + np.sqrt(share) + mutual_weight * partners


_PAIR = "UniTuple(float64, 2)"
_FOUR = "UniTuple(float64, 4)"
agreement = compiled(_agreement, f"float64({_FOUR}, {_PAIR}, {_FOUR}, float64)", inline="always")
