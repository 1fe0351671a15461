"""What a search answers: the cases that were found, with their scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matchmaker.model import CaseId, Score
from scoring.calibration import lifted
from scoring.index.found import Answer
from scoring.scorer import Prepared


class Hit(NamedTuple):
    """A case that was found. Hits are ordered by `raw`, whose order `score.total` follows above the 0.3 that a shared
    gene lifts to; `position` is the score before that lift, in [0, 1].

    A tuple, since a search may find some hundred more than anybody is told of.
    """

    case_id: CaseId
    total: float
    phenotype_score: float
    genotype_score: float
    raw: float
    position: float
    phenotype: float  # raw
    evidence: float  # of genes: ln of the factor by which they raise the phenotype's raw score
    shares_gene: bool

    @property
    def score(self) -> Score:
        return Score(total=self.total, phenotype=self.phenotype_score, genotype=self.genotype_score)


class Apart(NamedTuple):
    """The best cases that share a gene or variant, the best of those that share none, and how many share one."""

    sharing: list[Hit]
    alone: list[Hit]
    n_sharing: int


def hits_of(answer: Answer, prepared: Prepared) -> list[Hit]:
    """Place scores on the query's scale, in the order of the answer."""
    found = answer.found
    position = prepared.scale.position(found.raw)
    total = lifted(position, found.shares)
    phenotype = prepared.phenotype_scale.position(found.phenotype)
    genotype = np.minimum(1.0, found.genotype / (prepared.own_evidence or 1.0))
    numbers = (total, phenotype, genotype, found.raw, position, found.phenotype, found.genotype, found.shares)
    columns = (column.tolist() for column in numbers)
    return [Hit(*row) for row in zip(answer.case_ids, *columns, strict=True)]
