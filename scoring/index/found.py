"""What a search gathers from the blocks of the index before it is an answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import CaseId
from scoring.index.cases import Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Candidates for an answer; aligned, in no order."""

    case_ids: list[CaseId]
    raw: NDArray[np.float64]
    phenotype: NDArray[np.float64]
    genotype: NDArray[np.float64]
    shares: NDArray[np.bool_]

    @classmethod
    def nothing(cls) -> Found:
        none = np.zeros(0)
        return cls(case_ids=[], raw=none, phenotype=none, genotype=none, shares=np.zeros(0, np.bool_))

    def and_also(self, other: Found) -> Found:
        return Found(
            case_ids=self.case_ids + other.case_ids,
            raw=np.concatenate([self.raw, other.raw]),
            phenotype=np.concatenate([self.phenotype, other.phenotype]),
            genotype=np.concatenate([self.genotype, other.genotype]),
            shares=np.concatenate([self.shares, other.shares]),
        )

    def order(self, k: int) -> list[int]:
        """The k best: raw score descending, then case id."""
        order = np.argsort(-self.raw, kind="stable")
        raw = self.raw[order]
        # Among equals the case id decides: runs of them are few, and names are compared there alone.
        starts = np.flatnonzero(np.r_[True, raw[1:] != raw[:-1]])
        ends = np.r_[starts[1:], len(raw)]
        places: list[int] = order.tolist()
        for start, end in zip(starts[ends - starts > 1].tolist(), ends[ends - starts > 1].tolist(), strict=True):
            places[start:end] = sorted(places[start:end], key=self.case_ids.__getitem__)
        return places[:k]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What every case of a block scores; 0 for those that are not wanted. Arrays of shape (n_cases,)."""

    raw: NDArray[np.float64]
    phenotype: NDArray[np.float64]
    genotype: NDArray[np.float64]
    shares: NDArray[np.bool_]

    def at(self, rows: NDArray[np.int64], block: Block) -> Found:
        return Found(
            case_ids=[block.profiles[row].case_id for row in rows.tolist()],
            raw=self.raw[rows],
            phenotype=self.phenotype[rows],
            genotype=self.genotype[rows],
            shares=self.shares[rows],
        )


def best_rows(raw: NDArray[np.float64], k: int) -> NDArray[np.int64]:
    """The rows of the k largest positive scores, and of all that tie with the last of them."""
    rows = np.flatnonzero(raw > 0.0)
    if k <= 0:
        return rows[:0]
    if len(rows) > k:
        least = np.partition(raw[rows], len(rows) - k)[len(rows) - k]
        rows = rows[raw[rows] >= least]
    return rows
