"""Variants brought to one spelling, so that two of them can be compared.

What a sender writes differs in chromosome names, assembly names, shared bases left on either side, and case. Positions
are 0-based and half-open. Trimming needs no reference sequence; what does is in `scoring.coordinates`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.model import CopyChange, GeneId, Mechanism, Origin, Variant, Zygosity
from scoring.assemblies import assembly_name, assembly_of_accession, chromosome_name

_BASES = re.compile(r"[ACGTN]*")
_CODING_NAME = re.compile(r"(?:(?P<reference>[^:\s()]+)(?:\([^)]*\))?:)?(?P<change>[cgmn]\.[^\s;,]+)")


class EffectClass(StrEnum):
    """What a variant does to the protein, as coarse as two laboratories agree on."""

    LOSS = "loss"
    MISSENSE = "missense"
    INFRAME = "inframe"
    SPLICE_REGION = "splice_region"
    SYNONYMOUS = "synonymous"
    REGULATORY = "regulatory"


# Sequence Ontology ids, as MME's `type` carries them.
_EFFECTS = {
    "SO:0001587": EffectClass.LOSS,  # stop gained
    "SO:0001589": EffectClass.LOSS,  # frameshift
    "SO:0001909": EffectClass.LOSS,  # frameshift elongation
    "SO:0001910": EffectClass.LOSS,  # frameshift truncation
    "SO:0001574": EffectClass.LOSS,  # splice acceptor
    "SO:0001575": EffectClass.LOSS,  # splice donor
    "SO:0002012": EffectClass.LOSS,  # start lost
    "SO:0001893": EffectClass.LOSS,  # transcript ablation
    "SO:0001572": EffectClass.LOSS,  # exon loss
    "SO:0002054": EffectClass.LOSS,  # loss of function
    "SO:0001583": EffectClass.MISSENSE,
    "SO:0001821": EffectClass.INFRAME,
    "SO:0001822": EffectClass.INFRAME,
    "SO:0001650": EffectClass.INFRAME,
    "SO:0001824": EffectClass.INFRAME,
    "SO:0001823": EffectClass.INFRAME,
    "SO:0001630": EffectClass.SPLICE_REGION,
    "SO:0001819": EffectClass.SYNONYMOUS,
    "SO:0001566": EffectClass.REGULATORY,
    "SO:0001623": EffectClass.REGULATORY,
    "SO:0001624": EffectClass.REGULATORY,
}


_SYMBOLS = {"DEL": CopyChange.LOSS, "DUP": CopyChange.GAIN}
_COPY_EFFECTS = {
    "SO:0001743": CopyChange.LOSS,  # copy number loss
    "SO:0001742": CopyChange.GAIN,  # copy number gain
    "SO:0001893": CopyChange.LOSS,  # transcript ablation
    "SO:0001889": CopyChange.GAIN,  # transcript amplification
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Allele:
    """One variant in one spelling; what is not stated or not understood is None and agrees with nothing."""

    gene: GeneId | None
    assembly: str | None = None
    chromosome: str | None = None
    start: int | None = None
    end: int | None = None
    reference_bases: str | None = None
    alternate_bases: str | None = None
    hgvs_reference: str | None = None
    hgvs_change: str | None = None
    effect: str | None = None  # an EffectClass, or a Sequence Ontology id outside them
    mechanism: Mechanism | None = None
    zygosity: Zygosity | None = None
    haplotype: int | None = None
    mosaic: bool = False  # in part of the cells, or somatic: its zygosity says nothing
    copy_change: CopyChange | None = None
    fraction: float | None = None  # of cells or of mitochondrial copies, in [0, 1]
    n_genes: int = 1  # that a gain or loss was stated for
    lifted: bool = False  # sent on another assembly, and converted
    aligned: bool = False  # moved to the left along the reference sequence

    @property
    def changed_bases(self) -> str | None:
        """The bases that are inserted or deleted; None where that is not all that happens, or not known."""
        if self.reference_bases is None or self.alternate_bases is None:
            return None
        return (
            self.reference_bases + self.alternate_bases
            if not self.reference_bases or not self.alternate_bases
            else None
        )

    @property
    def locus(self) -> tuple[str, str, int] | None:
        """Assembly, chromosome and start, where all three are known."""
        if self.assembly is None or self.chromosome is None or self.start is None:
            return None
        return self.assembly, self.chromosome, self.start

    @property
    def span(self) -> tuple[int, int] | None:
        """Start and end, where both are known."""
        return None if self.start is None or self.end is None else (self.start, self.end)


def allele_of(variant: Variant, gene: GeneId | None) -> Allele:
    """Normalise one variant of a gene (None: no gene was named)."""
    reference, alternate = bases_of(variant.reference_bases), bases_of(variant.alternate_bases)
    start, end = variant.start, variant.end
    if reference is not None and alternate is not None and reference != alternate:
        reference, alternate, n_cut = trimmed(reference, alternate)
        start = None if start is None else start + n_cut
        end = None if start is None else start + len(reference)
    change = copy_change(variant)
    reference_name, name = hgvs_parts(variant.hgvs)
    return Allele(
        gene=gene,
        assembly=assembly_name(variant.assembly) or assembly_of_accession(variant.chromosome),
        chromosome=chromosome_name(variant.chromosome),
        start=start,
        end=end,
        reference_bases=reference,
        alternate_bases=alternate,
        hgvs_reference=reference_name,
        hgvs_change=name,
        effect=effect_class(variant.effect, change),
        mechanism=variant.mechanism,
        zygosity=variant.zygosity,
        haplotype=variant.haplotype,
        mosaic=variant.origin is Origin.SOMATIC or variant.zygosity is Zygosity.MOSAIC,
        copy_change=change,
        fraction=variant.allele_fraction,
    )


def copy_change(variant: Variant) -> CopyChange | None:
    """Whether a region is lost or gained: as stated, or by a symbolic allele or the effect."""
    if variant.copy_number is not None:
        return variant.copy_number.change
    symbol = (variant.alternate_bases or "").strip().upper().removeprefix("<").split(">")[0].split(":")[0]
    return _SYMBOLS.get(symbol) or _COPY_EFFECTS.get(_so(variant.effect) or "")


def bases_of(text: str | None) -> str | None:
    """Read bases; a dash or a dot is none of them, and what is no sequence is unknown.

    Examples
    --------
    >>> bases_of("acg"), bases_of("-"), bases_of("<DEL>")
    ('ACG', '', None)
    """
    if text is None:
        return None
    upper = text.strip().upper()
    if upper in {"-", "."}:
        return ""
    return upper if _BASES.fullmatch(upper) else None


def trimmed(reference: str, alternate: str) -> tuple[str, str, int]:
    """Cut the bases that both alleles share, behind first; also how many were cut in front.

    Examples
    --------
    >>> trimmed("CTCC", "CCC")
    ('T', '', 1)
    >>> trimmed("G", "A")
    ('G', 'A', 0)
    """
    while reference and alternate and reference[-1] == alternate[-1]:
        reference, alternate = reference[:-1], alternate[:-1]
    n_cut = 0
    while n_cut < min(len(reference), len(alternate)) and reference[n_cut] == alternate[n_cut]:
        n_cut += 1
    return reference[n_cut:], alternate[n_cut:], n_cut


def hgvs_parts(text: str | None) -> tuple[str | None, str | None]:
    """Split an HGVS name into reference sequence and change; protein names and other text are left aside.

    Examples
    --------
    >>> hgvs_parts("NM_006623.4(PHGDH):c.1468G>A (p.Val490Met)")
    ('NM_006623.4', 'c.1468G>A')
    >>> hgvs_parts("p.Val490Met")
    (None, None)
    """
    found = _CODING_NAME.search(text) if text else None
    return (found["reference"], found["change"].rstrip(".")) if found else (None, None)


def effect_class(effect: str | None, change: CopyChange | None) -> str | None:
    """Group a Sequence Ontology id; an id outside the groups stays itself. A deletion takes the gene's function."""
    if change is CopyChange.LOSS:
        return EffectClass.LOSS
    normal = _so(effect)
    return None if normal is None else _EFFECTS.get(normal, normal)


def mechanism_of(allele: Allele) -> Mechanism | None:
    """What the submitter said, or else loss of function where the effect means it."""
    if allele.mechanism is not None:
        return allele.mechanism
    return Mechanism.LOSS_OF_FUNCTION if allele.effect == EffectClass.LOSS else None


def _so(effect: str | None) -> str | None:
    """A Sequence Ontology id in its usual spelling."""
    return effect.strip().upper().replace("_", ":", 1) if effect and effect.strip() else None
