"""What a search answers: the cases that were found, with their scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matchmaker.model import CaseId, Score
from scoring.calibration import lifted
from scoring.index.found import Answer
from scoring.scorer import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A case that was found. Hits are ordered by `raw`, whose order `score.total` follows above the 0.3 that a shared
    gene lifts to; `position` is the score before that lift, in [0, 1]."""

    case_id: CaseId
    score: Score
    raw: float
    position: float
    phenotype: float  # raw
    evidence: float  # of genes: ln of the factor by which they raise the phenotype's raw score
    shares_gene: bool


def hits_of(answer: Answer, prepared: Prepared) -> list[Hit]:
    """Place scores on the query's scale, in the order of the answer."""
    found = answer.found
    position = prepared.scale.position(found.raw)
    total = lifted(position, found.shares)
    phenotype = prepared.phenotype_scale.position(found.phenotype)
    genotype = np.minimum(1.0, found.genotype / (prepared.own_evidence or 1.0))
    return [
        Hit(
            case_id=case_id,
            score=Score(total=float(total[n]), phenotype=float(phenotype[n]), genotype=float(genotype[n])),
            raw=float(found.raw[n]),
            position=float(position[n]),
            phenotype=float(found.phenotype[n]),
            evidence=float(found.genotype[n]),
            shares_gene=bool(found.shares[n]),
        )
        for n, case_id in enumerate(answer.case_ids)
    ]
