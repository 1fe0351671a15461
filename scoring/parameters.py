"""The constants of the score: one versioned file, read once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Constants of one version of the score. Weights are shares of a sum, costs and factors shares of a product."""

    name: str
    provenance: str
    threshold: float  # raw phenotype score at which the score is 0.3
    mutual_weight: float
    coverage_weight: float
    coverage_offset: float  # nats, some ten terms: short lists are not told apart by their length
    coverage_query_share: float  # exponent of the query's content; the case's has the rest of 1
    background_exponent: float
    background_least: float
    background_top: int  # so many reference patients, the most alike, make a case's background
    contradiction_cost: float  # share of the phenotype part that each contradiction takes
    contradiction_limit: float  # and the most that all of them take
    gene_factor: float  # ln of what one unit of gene weight multiplies the score by, at `gene_factor_terms` terms
    gene_factor_terms: float  # the query's observed terms and two more
    gene_factor_exponent: float  # a gene adds less where many terms speak
    gene_least_phenotype: float  # raw score that a shared gene multiplies at least
    gene_weight: float  # of one shared gene, when the lists make `gene_weight_pairs` pairs of candidates
    gene_weight_pairs: float
    gene_weight_slope: float  # less by this for each factor e in the number of pairs
    gene_weight_least: float
    gene_common_slope: float  # less by this for each factor e in the publications on the gene's diseases
    gene_unexplained: float  # less by this where a gene's known diseases explain nothing of a side's findings
    several_genes: float  # of the k-th shared gene, times ln(k / (k - 1)); above the slope
    same_variant: float
    neighbouring_position: float
    same_region: float
    same_effect: float
    zygosity_fits: float
    zygosity_differs: float  # factors from here on
    carrier: float
    inheritance_differs: float
    opposite_mechanism: float

    def version(self, release: str) -> str:
        """Name the score with these constants over a release; scores of different names cannot be compared."""
        return f"{self.name}+{release}"


@cache
def shipped_parameters() -> Parameters:
    """The parameters that come with the program."""
    return Parameters(**json.loads(files("scoring").joinpath("parameters.json").read_text("utf-8")))
