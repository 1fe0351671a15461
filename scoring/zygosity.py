"""How many copies of a gene are hit; and for the mitochondrial genome, where that is a share of many, which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from matchmaker.model import Sex, Zygosity
from scoring.gene_knowledge import GeneFacts
from scoring.variants import Allele

_PLASMIES = {Zygosity.HETEROPLASMIC, Zygosity.HOMOPLASMIC}
_SAYING_NOTHING = {None, *_PLASMIES}


class Dosage(IntEnum):
    """How many copies of a gene are hit."""

    ONE = 1
    ALL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plasmy:
    """In which mitochondrial copies a variant is: all, some, or a share of them; as far as it was stated."""

    zygosity: Zygosity | None
    fraction: float | None


def dosage(alleles: Iterable[Allele], facts: GeneFacts, sex: Sex | None) -> Dosage | None:
    """Count the copies of a gene that are hit; None when nobody said, or where it does not apply.

    Mosaic variants and those of the mitochondrial genome say nothing about it. A male's only X counts as all copies,
    whether the sender wrote one or two.
    """
    told = [a for a in alleles if a.zygosity not in _SAYING_NOTHING and not a.mosaic and a.chromosome != "MT"]
    if not told:
        return None
    if facts.x_linked and sex is Sex.MALE:
        return Dosage.ALL
    if any(a.zygosity is Zygosity.HOMOZYGOUS or a.zygosity is Zygosity.HEMIZYGOUS for a in told):
        return Dosage.ALL
    in_cis = told[0].haplotype is not None and all(a.haplotype == told[0].haplotype for a in told)
    return Dosage.ALL if len(told) > 1 and not in_cis else Dosage.ONE


def plasmy_of(alleles: Iterable[Allele]) -> Plasmy | None:
    """What is said of a gene's mitochondrial variants, of the one in most copies; None where there is none."""
    found = [
        Plasmy(zygosity=a.zygosity if a.zygosity in _PLASMIES else None, fraction=a.fraction)
        for a in alleles
        if a.chromosome == "MT" or a.zygosity in _PLASMIES
    ]
    return max(found, key=_share, default=None)


def _share(plasmy: Plasmy) -> float:
    if plasmy.fraction is not None:
        return plasmy.fraction
    return {Zygosity.HOMOPLASMIC: 1.0, Zygosity.HETEROPLASMIC: 0.5}.get(plasmy.zygosity or Zygosity.MOSAIC, 0.0)
