"""How likely two cases have the same disease gene: likelihood ratios of phenotype and genes, times prior odds.

No score and never a threshold: unlike the score it depends on how many cases were searched. The best of 10,000 cases
resembles a query by chance more often than the best of 100 does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.genotype import evidence_scale
from scoring.parameters import Parameters

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Natural logarithms of likelihood ratios: same disease gene against another one.

    Attributes
    ----------
    raw : ascending raw phenotype scores
    phenotype : at each of them, never falling; straight lines between, constant outside
    shared_gene : at a shared gene between lists of `gene_weight_pairs` pairs of candidates, nothing else known
    no_shared_gene : where both sides name candidates and share none
    """

    name: str
    scoring: str  # the scoring whose raw scores these are
    provenance: str
    raw: tuple[float, ...]
    phenotype: tuple[float, ...]
    shared_gene: float
    no_shared_gene: float

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Calibration:
        lists = {name: tuple(values[name]) for name in ("raw", "phenotype")}
        return cls(**{**values, **lists})

    def of_phenotype(self, raw: FloatArray) -> FloatArray:
        """ln of the likelihood ratio of raw phenotype scores (any shape)."""
        return np.interp(raw, self.raw, self.phenotype).astype(np.float64)

    def of_genes(self, evidence: float, parameters: Parameters, *, n_query_terms: int) -> float:
        """ln of the likelihood ratio of shared genes, from the evidence (> 0) that the score multiplies by.

        Notes
        -----
        The weight of a shared gene falls by `gene_weight_slope` per factor e in the pairs of candidates, and the
        chance to share one rises by as much: that makes the slope the weight of one nat.
        """
        weight = evidence / evidence_scale(n_query_terms, parameters)
        return max(0.0, self.shared_gene + (weight - parameters.gene_weight) / parameters.gene_weight_slope)


def posterior(log_ratio: FloatArray, *, n_searched: int, prior: float) -> FloatArray:
    """Turn ln of likelihood ratios (any shape) into probabilities.

    Parameters
    ----------
    n_searched : int
        Cases that were searched.
    prior : float
        How many of them are expected to have the query's disease gene, > 0; never more than half of them.

    Examples
    --------
    >>> posterior(np.array([0.0, np.log(99.0)]), n_searched=100, prior=1.0).round(3).tolist()
    [0.01, 0.5]
    """
    share = min(0.5, prior / max(1, n_searched))
    odds = np.exp(np.clip(log_ratio + math.log(share / (1.0 - share)), -50.0, 50.0))
    return np.asarray(odds / (1.0 + odds), np.float64)


def probability(raw: float, *, n_searched: int, prior: float, genes: float | None) -> float:
    """How likely two cases have the same disease gene, by the calibration that ships.

    Parameters
    ----------
    raw : float
        The phenotype's raw score.
    n_searched, prior
        As `posterior` takes them.
    genes : float or None
        ln of the genes' likelihood ratio (`Calibration.of_genes`, or its `no_shared_gene` where both sides name
        candidates and share none); None where a side names none.
    """
    log_ratio = shipped_calibration().of_phenotype(np.array([raw])) + (genes or 0.0)
    return float(posterior(log_ratio, n_searched=n_searched, prior=prior)[0])


@cache
def shipped_calibration() -> Calibration:
    """The calibration that comes with the program."""
    return Calibration.of(json.loads(files("scoring").joinpath("calibration.json").read_text("utf-8")))
