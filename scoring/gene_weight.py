"""What a shared gene is worth before anything is known of its variants: part of a factor that a search can bound."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from scoring.parameters import Parameters
from scoring.profile import Profile


def n_candidates(profile: Profile) -> int:
    """How many genes and unnamed positions a profile offers, at least 1."""
    return max(1, len(profile.genes) + sum(a.gene is None for a in profile.alleles))


def evidence_scale(n_query_terms: int, parameters: Parameters) -> float:
    """What a unit of gene weight is worth beside so many observed terms of the query: ln of a factor on the score."""
    length = (n_query_terms + 2) / parameters.gene_factor_terms
    return parameters.gene_factor * float(length**-parameters.gene_factor_exponent)


def list_weight(n_pairs: int | NDArray[np.int64], parameters: Parameters) -> NDArray[np.float64]:
    """Weigh a shared gene by how many pairs of candidates (any shape) could have been shared by chance.

    Notes
    -----
    Two lists of n and m of some 20,000 genes share one by chance with probability near nm / 20,000; the evidence is
    the logarithm of that, so the weight falls in a straight line with ln(nm), down to a least one.
    """
    weight = parameters.gene_weight + parameters.gene_weight_slope * np.log(parameters.gene_weight_pairs / n_pairs)
    return np.maximum(parameters.gene_weight_least, weight)


def commonness(n_papers: int, parameters: Parameters) -> float:
    """What the weight of a gene falls by because it is common among cases, >= 0; 0 for one that is hardly known."""
    return parameters.gene_common_slope * math.log(max(2, 1 + n_papers) / 2)


def misfit(explained: NDArray[np.float64], parameters: Parameters) -> NDArray[np.float64]:
    """What the weight of a known gene falls by where it explains a share (any shape) of the findings; nan: unknown."""
    share: NDArray[np.float64] = np.nan_to_num(explained, nan=1.0)
    return parameters.gene_unexplained * (1.0 - share)
