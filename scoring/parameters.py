"""The constants of the score: one versioned file, read once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Constants of one version of the score. Weights are in units of raw score, costs and factors are shares of it."""

    name: str
    provenance: str
    threshold: float  # raw phenotype score at which the score is 0.3
    mutual_weight: float
    contradiction_cost: float  # share of the phenotype part that each contradiction takes
    contradiction_limit: float  # and the most that all of them take
    gene_weight: float  # of one shared gene, when the lists make `gene_weight_pairs` pairs of candidates
    gene_weight_pairs: float
    gene_weight_slope: float  # less by this for each factor e in the number of pairs
    gene_weight_least: float
    several_genes: float  # of the k-th shared gene, times ln(k / (k - 1)); above the slope
    same_variant: float
    neighbouring_position: float
    same_effect: float
    zygosity_fits: float
    zygosity_differs: float  # factors from here on
    carrier: float
    inheritance_differs: float
    opposite_mechanism: float


@cache
def shipped_parameters() -> Parameters:
    """The parameters that come with the program."""
    return Parameters(**json.loads(files("scoring").joinpath("parameters.json").read_text("utf-8")))
