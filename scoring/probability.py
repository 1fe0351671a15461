"""How likely two cases have the same disease gene: likelihood ratios of phenotype and genes, times prior odds.

No score and never a threshold: unlike the score it depends on how many cases were searched. The best of 10,000 cases
resembles a query by chance more often than the best of 100 does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.gene_weight import evidence_scale
from scoring.parameters import Parameters
from scoring.profile import Profile

FloatArray = NDArray[np.float64]
UNTOLD_CANDIDATES = 5  # a node tells the shared genes alone; so many candidates are taken to stand behind one


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Natural logarithms of likelihood ratios: same disease gene against another one.

    Attributes
    ----------
    raw : ascending raw phenotype scores
    phenotype : at each of them, never falling; straight lines between, constant outside
    part : the same, where the other side told only a part, which is scored in the query's direction alone
    shared_gene : at a shared gene between lists of `gene_weight_pairs` pairs of candidates, nothing else known
    no_shared_gene : where both sides name candidates and share none
    """

    name: str
    scoring: str  # the scoring whose raw scores these are
    provenance: str
    raw: tuple[float, ...]
    phenotype: tuple[float, ...]
    part: tuple[float, ...]
    shared_gene: float
    no_shared_gene: float

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Calibration:
        lists = {name: tuple(values[name]) for name in ("raw", "phenotype", "part")}
        return cls(**{**values, **lists})

    def of_phenotype(self, raw: FloatArray, *, partial: bool = False) -> FloatArray:
        """ln of the likelihood ratio of raw phenotype scores (any shape)."""
        return np.interp(raw, self.raw, self.part if partial else self.phenotype).astype(np.float64)

    def of_genes(self, evidence: float, parameters: Parameters, *, n_query_terms: int) -> float:
        """ln of the likelihood ratio of shared genes, from the evidence (> 0) that the score multiplies by.

        Notes
        -----
        The weight of a shared gene falls by `gene_weight_slope` per factor e in the pairs of candidates, and the
        chance to share one rises by as much: that makes the slope the weight of one nat.
        """
        weight = evidence / evidence_scale(n_query_terms, parameters)
        return max(0.0, self.shared_gene + (weight - parameters.gene_weight) / parameters.gene_weight_slope)


class Word(StrEnum):
    """A probability in words, the strongest first."""

    VERY_LIKELY = "very likely"
    LIKELY = "more likely than not"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    VERY_UNLIKELY = "very unlikely"


_LEAST = {Word.VERY_LIKELY: 0.9, Word.LIKELY: 0.5, Word.POSSIBLE: 0.1, Word.UNLIKELY: 0.01, Word.VERY_UNLIKELY: 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """ln of two likelihood ratios; None where a side says nothing of the kind, which is no evidence either way."""

    phenotype: float | None
    genes: float | None
    calibration: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """How likely two cases have the same disease gene, and all that this number rests on."""

    probability: float
    word: Word
    evidence: Evidence
    n_searched: int
    prior: float  # so many of the cases searched are expected to have the gene

    def to_dict(self) -> dict[str, Any]:
        """Spell it in plain JSON values; the ratios as numbers of times."""
        phenotype, genes = (_times(found) for found in (self.evidence.phenotype, self.evidence.genes))
        return {
            "probability": round(self.probability, 6),
            "word": self.word.value,
            "searched": self.n_searched,
            "prior": self.prior,
            "calibration": self.evidence.calibration,
            "phenotype_ratio": phenotype,
            "gene_ratio": genes,
        }


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


def weigh(
    query: Profile,
    other: Profile,
    *,
    phenotype: float,
    evidence: float,
    parameters: Parameters,
    partial: bool = False,
) -> Evidence:
    """Turn what a comparison found into likelihood ratios, by the calibration that ships.

    Parameters
    ----------
    phenotype : float
        The phenotype's raw score.
    evidence : float
        What shared genes add up to: ln of the factor on the score; 0 where none is shared.
    partial : bool
        The other side told a part of its case. That it names none of the query's genes then says nothing.
    """
    calibration = shipped_calibration()
    has_terms = bool(query.observed) and bool(other.observed)
    has_genes = _names_candidates(query) and _names_candidates(other)
    genes = 0.0 if partial else calibration.no_shared_gene
    if evidence > 0.0:
        genes = calibration.of_genes(evidence, parameters, n_query_terms=len(query.observed))
        genes = max(0.0, genes - math.log(UNTOLD_CANDIDATES)) if partial else genes
    return Evidence(
        phenotype=float(calibration.of_phenotype(np.array(phenotype), partial=partial)) if has_terms else None,
        genes=genes if has_genes or evidence > 0.0 else None,
        calibration=calibration.name,
    )


def likelihood(evidence: Evidence, *, n_searched: int, prior: float) -> Likelihood:
    """How likely two cases have the same disease gene; `n_searched` and `prior` as `posterior` takes them."""
    log_ratio = (evidence.phenotype or 0.0) + (evidence.genes or 0.0)
    probability = float(posterior(np.array([log_ratio]), n_searched=n_searched, prior=prior)[0])
    return Likelihood(
        probability=probability,
        word=next(word for word, least in _LEAST.items() if probability >= least),
        evidence=evidence,
        n_searched=n_searched,
        prior=prior,
    )


def _times(log_ratio: float | None) -> float | None:
    return None if log_ratio is None else float(f"{math.exp(log_ratio):.3g}")


def _names_candidates(profile: Profile) -> bool:
    return bool(profile.genes or profile.alleles)


@cache
def shipped_calibration() -> Calibration:
    """The calibration that comes with the program."""
    return Calibration.of(json.loads(files("scoring").joinpath("calibration.json").read_text("utf-8")))
