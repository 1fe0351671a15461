"""What a colleague elsewhere would miss in a case: a hint while it is entered, never a condition."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from matchmaker.model import Case

ENOUGH_FINDINGS = 5  # with fewer, most matches rest on common findings


class Missing(StrEnum):
    FINDINGS = "findings"
    EXCLUDED = "excluded"
    GENE = "gene"
    VARIANT = "variant"
    ONSET = "onset"
    SEX = "sex"
    INHERITANCE = "inheritance"
    BASIS = "basis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How much of what helps is there, in [0, 1], and what is missing, the most helpful first."""

    share: float
    missing: tuple[Missing, ...]


def completeness(case: Case) -> Completeness:
    """Judge a case; an empty one has a share of 0."""
    observed = sum(not feature.excluded for feature in case.features)
    genes = [feature for feature in case.genomic_features if feature.gene]
    there = {
        Missing.FINDINGS: min(1.0, observed / ENOUGH_FINDINGS),
        Missing.GENE: float(bool(genes)),
        Missing.VARIANT: float(any(feature.variants for feature in case.genomic_features)),
        Missing.EXCLUDED: float(any(feature.excluded for feature in case.features)),
        Missing.ONSET: float(case.onset is not None),
        Missing.SEX: float(case.sex is not None),
        Missing.INHERITANCE: float(case.inheritance_mode is not None),
        Missing.BASIS: float(case.consent is not None),
    }
    weights = {Missing.FINDINGS: 3.0, Missing.GENE: 2.0}
    total = sum(weights.get(part, 1.0) for part in there)
    share = sum(weights.get(part, 1.0) * value for part, value in there.items()) / total
    return Completeness(share=share, missing=tuple(part for part, value in there.items() if value < 1.0))
