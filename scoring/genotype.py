"""What shared candidate genes and variants add, and how well two genotypes of a gene agree."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import GeneId, Mechanism, Sex, Zygosity
from scoring.corpus import AUTOSOMAL_RECESSIVE, Corpus, GeneFacts
from scoring.parameters import Parameters
from scoring.profile import Profile
from scoring.variants import Allele, EffectClass, mechanism_of

_MODES = {
    "HP:0000006": "autosomal dominant",
    "HP:0000007": "autosomal recessive",
    "HP:0001417": "X-linked",
    "HP:0001419": "X-linked",
    "HP:0001423": "X-linked",
    "HP:0001427": "mitochondrial",
    "HP:0001450": "Y-linked",
}


class MatchKind(StrEnum):
    """How a gene is shared, the strongest first."""

    SAME_VARIANT = "same_variant"
    NEIGHBOURING_POSITION = "neighbouring_position"  # same or neighbouring position
    SAME_EFFECT = "same_effect"
    SAME_GENE = "same_gene"


class Conflict(StrEnum):
    """What speaks against a shared gene; each lowers what it adds."""

    OPPOSITE_MECHANISM = "opposite_mechanism"
    ZYGOSITY = "zygosity"
    CARRIER = "carrier"
    INHERITANCE = "inheritance"


class Dosage(IntEnum):
    """How many copies of a gene are hit."""

    ONE = 1
    ALL = 2


_STRENGTH = {kind: -place for place, kind in enumerate(MatchKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedGene:
    """One gene, or one position without a named gene, that both sides have."""

    gene: GeneId | None
    kind: MatchKind
    covered: float = 1.0  # where they have the same variant: the share of both sides' variants that the other has too
    zygosity_fits: bool = False
    conflicts: tuple[Conflict, ...] = ()
    evidence: float = 0.0  # ln of the factor by which it raises the score
    contribution: float = 0.0  # to the raw score, in an explanation

    @property
    def lifts(self) -> bool:
        """Whether it makes a match by itself; opposite mechanisms in one gene are two diseases."""
        return Conflict.OPPOSITE_MECHANISM not in self.conflicts


def shared_genes(query: Profile, other: Profile, corpus: Corpus, parameters: Parameters) -> tuple[SharedGene, ...]:
    """List what both sides have, the strongest evidence first; () when nothing is shared.

    The evidence adds up to ln of the factor on the score: the best gene counts in full, the k-th one by
    `several_genes * ln(k / (k - 1))`. That grows faster with the number of shared genes than the weight falls with the
    length of the list, so nothing shares more than the query itself, and three of three are more than one of three.
    """
    found: dict[GeneId | None, SharedGene] = {
        gene: _compared(gene, query, other, corpus) for gene in sorted(set(query.genes) & set(other.genes))
    }
    for gene, kind in _shared_positions(query, other).items():
        shared = found.get(gene) or SharedGene(gene=gene, kind=kind)
        found[gene] = replace(shared, kind=max(shared.kind, kind, key=_STRENGTH.__getitem__))
    scale = evidence_scale(len(query.observed), parameters)
    weight = float(list_weight(n_candidates(query) * n_candidates(other), parameters))
    valued = sorted(
        ((_value(s, weight, parameters), s) for s in found.values()), key=lambda p: (-p[0], p[1].gene or "")
    )
    result: list[SharedGene] = []
    n_agreeing = 0
    for value, shared in valued:
        n_agreeing += shared.lifts
        step = parameters.several_genes * math.log(n_agreeing / (n_agreeing - 1)) if n_agreeing > 1 else 0.0
        added = value if not result else step if shared.lifts else 0.0
        result.append(replace(shared, evidence=scale * added))
    return tuple(result)


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


def variant_kind(one: Allele, two: Allele) -> MatchKind:
    """Say how two variants of one gene agree; what is not stated on a side agrees with nothing."""
    kinds = (_placed_kind(one, two), _named_kind(one, two), _effect_kind(one, two), MatchKind.SAME_GENE)
    return max((kind for kind in kinds if kind is not None), key=_STRENGTH.__getitem__)


def dosage(alleles: Iterable[Allele], facts: GeneFacts, sex: Sex | None) -> Dosage | None:
    """Count the copies of a gene that are hit; None when nobody said, or where it does not apply.

    Mosaic variants and those of the mitochondrial genome say nothing about it. A male's only X counts as all copies,
    whether the sender wrote one or two.
    """
    told = [a for a in alleles if not a.mosaic and a.chromosome != "MT" and a.zygosity is not None]
    told = [a for a in told if a.zygosity not in {Zygosity.HETEROPLASMIC, Zygosity.HOMOPLASMIC}]
    if not told:
        return None
    if facts.x_linked and sex is Sex.MALE:
        return Dosage.ALL
    if any(a.zygosity in {Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS} for a in told):
        return Dosage.ALL
    in_cis = len({a.haplotype for a in told}) == 1 and told[0].haplotype is not None
    return Dosage.ALL if len(told) > 1 and not in_cis else Dosage.ONE


def _compared(gene: GeneId, query: Profile, other: Profile, corpus: Corpus) -> SharedGene:
    mine = [a for a in query.alleles if a.gene == gene]
    theirs = [a for a in other.alleles if a.gene == gene]
    kinds = [variant_kind(a, b) for a in mine for b in theirs]
    kind = max(kinds, key=_STRENGTH.__getitem__, default=MatchKind.SAME_GENE)
    facts = corpus.gene_facts(gene) if mine or theirs else GeneFacts()
    doses = dosage(mine, facts, query.sex), dosage(theirs, facts, other.sex)
    conflicts = []
    if kind is not MatchKind.SAME_VARIANT and _mechanisms_oppose(mine, theirs):
        conflicts.append(Conflict.OPPOSITE_MECHANISM)
    recessive = facts.recessive or AUTOSOMAL_RECESSIVE in {query.inheritance_mode, other.inheritance_mode}
    if recessive and Dosage.ONE in doses:
        conflicts.append(Conflict.CARRIER)
    elif None not in doses and doses[0] != doses[1] and not facts.x_linked:
        conflicts.append(Conflict.ZYGOSITY)
    if _modes_differ(query, other):
        conflicts.append(Conflict.INHERITANCE)
    fits = None not in doses and doses[0] == doses[1] and Conflict.CARRIER not in conflicts
    covered = _covered(mine, theirs) if kind is MatchKind.SAME_VARIANT else 1.0
    return SharedGene(gene=gene, kind=kind, covered=covered, zygosity_fits=fits, conflicts=tuple(conflicts))


def _covered(mine: list[Allele], theirs: list[Allele]) -> float:
    """The share of all variants that have their like on the other side, in (0, 1].

    One of two alleles in common is less than both: a homozygote is not the same as a compound heterozygote. A variant
    of which too little is known to be the same as any is left out.
    """
    mine, theirs = ([a for a in side if variant_kind(a, a) is MatchKind.SAME_VARIANT] for side in (mine, theirs))
    same = [[variant_kind(a, b) is MatchKind.SAME_VARIANT for b in theirs] for a in mine]
    n_covered = sum(map(any, same)) + sum(map(any, zip(*same, strict=True)))
    return n_covered / (len(mine) + len(theirs))


def _shared_positions(query: Profile, other: Profile) -> dict[GeneId | None, MatchKind]:
    """Find variants at one place where the sides name no gene, or not the same one."""
    at: dict[tuple[str, str, int], list[Allele]] = {}
    for allele in other.alleles:
        if allele.locus is not None:
            at.setdefault(allele.locus, []).append(allele)
    best: dict[GeneId | None, MatchKind] = {}
    for mine in query.alleles if at else ():
        for theirs in _near(mine, at):
            kind = _placed_kind(mine, theirs)
            if kind is not None and (mine.gene is None or mine.gene != theirs.gene):
                # Two senders may name two overlapping genes: which is shown must not depend on who asks.
                gene = min((g for g in (mine.gene, theirs.gene) if g is not None), default=None)
                best[gene] = max(best.get(gene, kind), kind, key=_STRENGTH.__getitem__)
    return best


def _near(allele: Allele, at: dict[tuple[str, str, int], list[Allele]]) -> list[Allele]:
    if allele.locus is None:
        return []
    assembly, chromosome, start = allele.locus
    return [other for shift in (-1, 0, 1) for other in at.get((assembly, chromosome, start + shift), ())]


def _placed_kind(one: Allele, two: Allele) -> MatchKind | None:
    """How two positions agree; None when they do not, or when one is unknown."""
    distance = _distance(one, two)
    if distance is None:
        return None
    if one.copy_change is not None or two.copy_change is not None:
        return _copy_kind(one, two)
    known = None not in {one.reference_bases, one.alternate_bases, two.reference_bases, two.alternate_bases}
    same_bases = known and (one.reference_bases, one.alternate_bases) == (two.reference_bases, two.alternate_bases)
    if distance == 0 and same_bases:
        return MatchKind.SAME_VARIANT
    # MME's text counts from 0 and seqr sends from 1: equal bases one position apart are likely one variant.
    if distance == 0 or (distance == 1 and same_bases):
        return MatchKind.NEIGHBOURING_POSITION
    return None


def _distance(one: Allele, two: Allele) -> int | None:
    if one.locus is None or two.locus is None or one.locus[:2] != two.locus[:2]:
        return None
    return abs(one.locus[2] - two.locus[2])


def _copy_kind(one: Allele, two: Allele) -> MatchKind | None:
    """Gains and losses agree in one direction, from half of each covered by the other."""
    if one.copy_change is not two.copy_change or one.span is None or two.span is None:
        return None
    overlap = min(one.span[1], two.span[1]) - max(one.span[0], two.span[0])
    longest = max(one.span[1] - one.span[0], two.span[1] - two.span[0])
    if overlap <= 0 or overlap * 2 < longest:
        return None
    return MatchKind.SAME_VARIANT if one.span == two.span else MatchKind.NEIGHBOURING_POSITION


def _named_kind(one: Allele, two: Allele) -> MatchKind | None:
    if one.hgvs_change is None or one.hgvs_change != two.hgvs_change:
        return None
    if one.hgvs_reference is not None and one.hgvs_reference == two.hgvs_reference:
        return MatchKind.SAME_VARIANT
    # The same change counted on another transcript, or on none that was named, may be another position.
    distance = _distance(one, two)
    return MatchKind.NEIGHBOURING_POSITION if distance is None or distance <= 1 else None


def _effect_kind(one: Allele, two: Allele) -> MatchKind | None:
    if _opposite(mechanism_of(one), mechanism_of(two)):
        return None
    same_effect = one.effect is not None and one.effect == two.effect and one.effect in set(EffectClass)
    same_mechanism = one.mechanism is not None and one.mechanism is two.mechanism
    return MatchKind.SAME_EFFECT if same_effect or same_mechanism else None


def _opposite(one: Mechanism | None, two: Mechanism | None) -> bool:
    return {one, two} == {Mechanism.LOSS_OF_FUNCTION, Mechanism.GAIN_OF_FUNCTION}


def _mechanisms_oppose(mine: list[Allele], theirs: list[Allele]) -> bool:
    pairs = [(mechanism_of(a), mechanism_of(b)) for a in mine for b in theirs]
    return any(_opposite(*pair) for pair in pairs) and not any(a is not None and a is b for a, b in pairs)


def _modes_differ(query: Profile, other: Profile) -> bool:
    one, two = _MODES.get(query.inheritance_mode or ""), _MODES.get(other.inheritance_mode or "")
    return one is not None and two is not None and one != two


def _value(shared: SharedGene, weight: float, parameters: Parameters) -> float:
    same_variant = parameters.same_variant - parameters.neighbouring_position
    added = {
        MatchKind.SAME_VARIANT: parameters.neighbouring_position + same_variant * shared.covered,
        MatchKind.NEIGHBOURING_POSITION: parameters.neighbouring_position,
        MatchKind.SAME_EFFECT: parameters.same_effect,
        MatchKind.SAME_GENE: 0.0,
    }[shared.kind]
    fitting = parameters.zygosity_fits if shared.zygosity_fits else 0.0
    return (weight + added + fitting) * _factor(shared, parameters)


def _factor(shared: SharedGene, parameters: Parameters) -> float:
    factors = {
        Conflict.OPPOSITE_MECHANISM: parameters.opposite_mechanism,
        Conflict.ZYGOSITY: parameters.zygosity_differs,
        Conflict.CARRIER: parameters.carrier,
        Conflict.INHERITANCE: parameters.inheritance_differs,
    }
    return math.prod(factors[conflict] for conflict in shared.conflicts)
