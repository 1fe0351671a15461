"""What a search gathers from the blocks of the index before it is an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import CaseId


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Candidates for an answer; aligned, in no order. `n_sharing` counts all that share a gene or variant."""

    rows: NDArray[np.int64]
    raw: NDArray[np.float64]
    phenotype: NDArray[np.float64]
    genotype: NDArray[np.float64]
    shares: NDArray[np.bool_]
    n_sharing: int = 0

    def at(self, places: NDArray[np.int64] | list[int]) -> Found:
        return Found(
            rows=self.rows[places],
            raw=self.raw[places],
            phenotype=self.phenotype[places],
            genotype=self.genotype[places],
            shares=self.shares[places],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The best first: raw score descending, then case id."""

    case_ids: list[CaseId]
    found: Found

    @classmethod
    def of(cls, found: Found, names: Callable[[list[int]], list[CaseId]], k: int | None = None) -> Answer:
        """Put rows into order, and keep the k best."""
        order = np.argsort(-found.raw, kind="stable")
        raw = found.raw[order]
        named = names(found.rows[order].tolist())
        # Among equals the case id decides: runs of them are few, and names are compared there alone.
        cuts = np.concatenate(([0], np.flatnonzero(raw[1:] != raw[:-1]) + 1, [len(raw)]))
        several = np.flatnonzero(np.diff(cuts) > 1)
        for start, end in zip(cuts[several].tolist(), cuts[several + 1].tolist(), strict=True):
            tied = sorted(zip(named[start:end], order[start:end].tolist(), strict=True))
            named[start:end] = [name for name, _ in tied]
            order[start:end] = [place for _, place in tied]
        return cls(case_ids=named[:k], found=found.at(order[:k]))


def best_rows(raw: NDArray[np.float64], k: int) -> NDArray[np.int64]:
    """The rows of the k largest positive scores, and of all that tie with the last of them."""
    rows = np.flatnonzero(raw > 0.0)
    if k <= 0:
        return rows[:0]
    if len(rows) > k:
        least = np.partition(raw[rows], len(rows) - k)[len(rows) - k]
        rows = rows[raw[rows] >= least]
    return rows
