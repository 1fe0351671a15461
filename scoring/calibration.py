"""The map from raw score to [0, 1]: fixed, monotone, of the two cases and the release alone.

Three points and straight lines between them: nothing in common is 0; the raw score `threshold`, which 0.5 % of
unrelated cases pass on phenotype alone, is 0.3; what the query reaches with itself, genes included, is 1. A shared
candidate gene lifts to 0.3 whatever the phenotype says. Within a query the order is always that of the raw score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PASSING = 0.3  # the score that a phenotype alone must reach to be told, and that a shared gene lifts to
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Where one query's raw scores stand: the raw score of 0.3 and that of 1."""

    passing: float  # 0 for a query without phenotype
    full: float  # 0 for a query that says nothing

    def position(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Place raw scores (any shape, >= 0) on [0, 1], strictly rising; 0 stays 0.

        Examples
        --------
        >>> Scale(passing=1.2, full=3.0).position(np.array([0.0, 0.6, 1.2, 2.1, 3.0])).round(6).tolist()
        [0.0, 0.15, 0.3, 0.65, 1.0]
        """
        if self.full <= 0.0:
            return np.zeros_like(raw)
        below = PASSING * raw / self.passing if self.passing > 0.0 else np.where(raw > 0.0, PASSING, 0.0)
        above = PASSING + (1.0 - PASSING) * (raw - self.passing) / (self.full - self.passing)
        placed = np.where((raw < self.passing) | (raw <= 0.0), below, above)
        # Raw scores come rounded beyond noise: the query with itself may miss its own sum by that much.
        return np.where(raw >= self.full * (1.0 - ROUNDING), 1.0, placed)


def lifted(position: NDArray[np.float64], shares_gene: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The score that is told: at least 0.3 where a candidate gene is shared."""
    return np.where(shares_gene, np.maximum(position, PASSING), position)
