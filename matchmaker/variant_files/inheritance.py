"""Which ways of inheritance the genotypes of a child, and of its parents where they are known, allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.model import Origin, Sex, Zygosity

# Ends of X that Y has as well, where a boy has two copies: 1-based, by assembly.
_PSEUDOAUTOSOMAL = {
    "GRCh38": ((10_001, 2_781_479), (155_701_383, 156_030_895)),
    "GRCh37": ((60_001, 2_699_520), (154_931_044, 155_260_560)),
}


class Mode(StrEnum):
    """A way in which a gene may explain the child, the more telling first."""

    DE_NOVO = "de novo"
    HOMOZYGOUS = "homozygous"
    HEMIZYGOUS = "hemizygous"
    COMPOUND = "compound heterozygous"
    HETEROZYGOUS = "heterozygous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allele:
    """An allele that the child carries, with how many copies; a parent's number is None where it is not known."""

    chromosome: str  # 1..22, X, Y, MT
    position: int  # 1-based
    copies: int
    ploidy: int
    mother: int | None
    father: int | None


def zygosity(allele: Allele, *, sex: Sex | None, assembly: str | None) -> Zygosity:
    """How many copies there are: a boy has one of X and Y, however the caller wrote it."""
    if allele.chromosome == "MT":
        return Zygosity.HOMOPLASMIC if allele.copies >= allele.ploidy else Zygosity.HETEROPLASMIC
    if allele.copies >= allele.ploidy and (allele.ploidy == 1 or is_hemizygous(allele, sex=sex, assembly=assembly)):
        return Zygosity.HEMIZYGOUS if allele.chromosome in {"X", "Y"} else Zygosity.HOMOZYGOUS
    return Zygosity.HOMOZYGOUS if allele.copies > 1 else Zygosity.HETEROZYGOUS


def is_hemizygous(allele: Allele, *, sex: Sex | None, assembly: str | None) -> bool:
    """Whether the child has one copy of this place alone."""
    if sex is not Sex.MALE or allele.chromosome not in {"X", "Y"}:
        return False
    both = _PSEUDOAUTOSOMAL.get(assembly or "", ())
    return not any(first <= allele.position <= last for first, last in both)


def origin(allele: Allele, *, sex: Sex | None, assembly: str | None) -> Origin | None:
    """Where an allele comes from, as far as the parents tell."""
    mother, father = allele.mother, allele.father
    if is_hemizygous(allele, sex=sex, assembly=assembly):
        giver = mother if allele.chromosome == "X" else father
        given = Origin.MATERNAL if allele.chromosome == "X" else Origin.PATERNAL
        return None if giver is None else given if giver else Origin.DE_NOVO
    if mother is None or father is None:
        return None
    if mother and father:
        return Origin.BIPARENTAL if allele.copies > 1 else None
    if not mother and not father:
        return Origin.DE_NOVO if allele.copies == 1 else None
    return Origin.MATERNAL if mother else Origin.PATERNAL


def modes(alleles: Sequence[Allele], *, sex: Sex | None, assembly: str | None) -> list[Mode]:
    """The ways in which the alleles of one gene may explain the child; [] when each comes from one parent alone."""
    found: set[Mode] = set()
    single: list[tuple[Allele, Origin | None]] = []
    for allele in alleles:
        kind = zygosity(allele, sex=sex, assembly=assembly)
        whence = origin(allele, sex=sex, assembly=assembly)
        if whence is Origin.DE_NOVO:
            found.add(Mode.DE_NOVO)
        if kind is Zygosity.HEMIZYGOUS:
            found.add(Mode.HEMIZYGOUS)
        elif kind in {Zygosity.HOMOZYGOUS, Zygosity.HOMOPLASMIC}:
            found.add(Mode.HOMOZYGOUS)
        else:
            single.append((allele, whence))
            if whence is None and (allele.mother is None or allele.father is None):
                found.add(Mode.HETEROZYGOUS)
    if _may_be_in_trans([whence for _, whence in single]):
        found.add(Mode.COMPOUND)
    return [mode for mode in Mode if mode in found]


def _may_be_in_trans(origins: Sequence[Origin | None]) -> bool:
    """Two alleles that did not both come from the same parent."""
    known = {whence for whence in origins if whence in {Origin.MATERNAL, Origin.PATERNAL}}
    unknown = sum(whence not in {Origin.MATERNAL, Origin.PATERNAL} for whence in origins)
    return len(known) == 2 or (len(known) == 1 and unknown >= 1) or unknown >= 2
