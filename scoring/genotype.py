"""What shared candidate genes and variants add, and how well two genotypes of a gene agree."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import GeneId, Mechanism, Sex, TermId, Zygosity
from scoring.agreement import STRENGTH, MatchKind, opposite, placed_kind, variant_kind
from scoring.corpus import AUTOSOMAL_RECESSIVE, Corpus, GeneFacts
from scoring.parameters import Parameters
from scoring.profile import Profile
from scoring.variants import Allele, mechanism_of

__all__ = [
    "Conflict",
    "MatchKind",
    "SharedGene",
    "Side",
    "evidence_scale",
    "list_weight",
    "n_candidates",
    "shared_genes",
    "variant_kind",
]

_MODES = {
    "HP:0000006": "autosomal dominant",
    "HP:0000007": "autosomal recessive",
    "HP:0001417": "X-linked",
    "HP:0001419": "X-linked",
    "HP:0001423": "X-linked",
    "HP:0001427": "mitochondrial",
    "HP:0001450": "Y-linked",
}
_SAYING_NOTHING = {None, Zygosity.HETEROPLASMIC, Zygosity.HOMOPLASMIC}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What one side has in one gene."""

    alleles: tuple[Allele, ...]
    mechanisms: tuple[Mechanism | None, ...]  # of each of them
    dosage: Dosage | None
    facts: GeneFacts


class Side:
    """The genotype of one side of a comparison. A query's is made once, and asked again for each other case."""

    def __init__(self, profile: Profile, corpus: Corpus) -> None:
        self.profile = profile
        self._corpus = corpus
        self._carried: dict[GeneId, Carried] = {}
        self._weights: dict[int, float] = {}

    def carried(self, gene: GeneId) -> Carried:
        """What is known of one of its genes."""
        found = self._carried.get(gene)
        if found is None:
            alleles = tuple([a for a in self.profile.alleles if a.gene == gene])
            facts = self._corpus.gene_facts(gene) if alleles else GeneFacts()
            found = self._carried[gene] = Carried(
                alleles=alleles,
                mechanisms=tuple(map(mechanism_of, alleles)),
                dosage=dosage(alleles, facts, self.profile.sex) if alleles else None,
                facts=facts,
            )
        return found

    def weight(self, other: Profile, parameters: Parameters) -> float:
        """What a gene is worth that is shared with the other side, as long as the two lists of candidates are."""
        n_others = n_candidates(other)
        found = self._weights.get(n_others)
        if found is None:
            found = self._weights[n_others] = float(list_weight(n_candidates(self.profile) * n_others, parameters))
        return found

    @cached_property
    def genes(self) -> frozenset[GeneId]:
        return frozenset(self.profile.genes)

    @cached_property
    def near(self) -> dict[tuple[str, str, int], list[Allele]]:
        """Its variants by each place at which another one would be the same or the next."""
        found: dict[tuple[str, str, int], list[Allele]] = {}
        for allele in self.profile.alleles:
            if allele.locus is not None:
                assembly, chromosome, start = allele.locus
                for shift in (-1, 0, 1):
                    found.setdefault((assembly, chromosome, start + shift), []).append(allele)
        return found


def shared_genes(query: Side, other: Side, parameters: Parameters) -> tuple[SharedGene, ...]:
    """List what both sides have, the strongest evidence first; () when nothing is shared.

    The evidence adds up to ln of the factor on the score: the best gene counts in full, the k-th one by
    `several_genes * ln(k / (k - 1))`. That grows faster with the number of shared genes than the weight falls with the
    length of the list, so nothing shares more than the query itself, and three of three are more than one of three.
    """
    found: dict[GeneId | None, SharedGene] = {
        gene: _compared(gene, query, other) for gene in other.profile.genes if gene in query.genes
    }
    for gene, kind in _shared_positions(query, other).items():
        known = found.get(gene)
        if known is None or STRENGTH[kind] > STRENGTH[known.kind]:
            found[gene] = SharedGene(gene=gene, kind=kind) if known is None else _of_kind(known, kind)
    if not found:
        return ()
    weight = query.weight(other.profile, parameters)
    valued = [(_value(shared, weight, parameters), shared) for shared in found.values()]
    valued.sort(key=lambda pair: (-pair[0], pair[1].gene or ""))
    scale = evidence_scale(len(query.profile.observed), parameters)
    result: list[SharedGene] = []
    n_agreeing = 0
    for value, shared in valued:
        n_agreeing += shared.lifts
        step = parameters.several_genes * math.log(n_agreeing / (n_agreeing - 1)) if n_agreeing > 1 else 0.0
        added = value if not result else step if shared.lifts else 0.0
        result.append(_of_kind(shared, shared.kind, evidence=scale * added))
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


def _of_kind(shared: SharedGene, kind: MatchKind, *, evidence: float = 0.0) -> SharedGene:
    # As dataclasses.replace would, several times faster: some hundred cases share a gene with a query.
    return SharedGene(
        gene=shared.gene,
        kind=kind,
        covered=shared.covered,
        zygosity_fits=shared.zygosity_fits,
        conflicts=shared.conflicts,
        evidence=evidence,
    )


def _compared(gene: GeneId, query: Side, other: Side) -> SharedGene:
    mine, theirs = query.carried(gene), other.carried(gene)
    kinds = [variant_kind(a, b) for a in mine.alleles for b in theirs.alleles]
    kind = max(kinds, key=STRENGTH.__getitem__, default=MatchKind.SAME_GENE)
    conflicts = tuple(_conflicts(query, other, (mine, theirs), kind=kind))
    fits = mine.dosage is not None and mine.dosage is theirs.dosage and Conflict.CARRIER not in conflicts
    covered = _covered(mine.alleles, theirs.alleles) if kind is MatchKind.SAME_VARIANT else 1.0
    return SharedGene(gene=gene, kind=kind, covered=covered, zygosity_fits=fits, conflicts=conflicts)


def _conflicts(query: Side, other: Side, sides: tuple[Carried, Carried], *, kind: MatchKind) -> Iterator[Conflict]:
    mine, theirs = sides
    if kind is not MatchKind.SAME_VARIANT and _mechanisms_oppose(mine.mechanisms, theirs.mechanisms):
        yield Conflict.OPPOSITE_MECHANISM
    one, two = query.profile.inheritance_mode, other.profile.inheritance_mode
    facts = mine.facts if mine.alleles else theirs.facts
    recessive = facts.recessive or AUTOSOMAL_RECESSIVE in (one, two)
    if recessive and (mine.dosage is Dosage.ONE or theirs.dosage is Dosage.ONE):
        yield Conflict.CARRIER
    elif mine.dosage is not theirs.dosage and None not in (mine.dosage, theirs.dosage) and not facts.x_linked:
        yield Conflict.ZYGOSITY
    if one is not None and two is not None and _modes_differ(one, two):
        yield Conflict.INHERITANCE


def _covered(mine: Sequence[Allele], theirs: Sequence[Allele]) -> float:
    """The share of all variants that have their like on the other side, in (0, 1].

    One of two alleles in common is less than both: a homozygote is not the same as a compound heterozygote. A variant
    of which too little is known to be the same as any is left out.
    """
    mine, theirs = ([a for a in side if variant_kind(a, a) is MatchKind.SAME_VARIANT] for side in (mine, theirs))
    same = [[variant_kind(a, b) is MatchKind.SAME_VARIANT for b in theirs] for a in mine]
    n_covered = sum(map(any, same)) + sum(map(any, zip(*same, strict=True)))
    return n_covered / (len(mine) + len(theirs))


def _shared_positions(query: Side, other: Side) -> dict[GeneId | None, MatchKind]:
    """Find variants at one place where the sides name no gene, or not the same one."""
    best: dict[GeneId | None, MatchKind] = {}
    for theirs in other.profile.alleles if query.near else ():
        for mine in query.near.get(theirs.locus, ()) if theirs.locus is not None else ():
            kind = placed_kind(mine, theirs)
            if kind is not None and (mine.gene is None or mine.gene != theirs.gene):
                # Two senders may name two overlapping genes: which is shown must not depend on who asks.
                gene = min((g for g in (mine.gene, theirs.gene) if g is not None), default=None)
                best[gene] = max(best.get(gene, kind), kind, key=STRENGTH.__getitem__)
    return best


def _mechanisms_oppose(mine: Sequence[Mechanism | None], theirs: Sequence[Mechanism | None]) -> bool:
    if not any(opposite(a, b) for a in mine for b in theirs):
        return False
    return not any(a is not None and a is b for a in mine for b in theirs)


def _modes_differ(one: TermId, two: TermId) -> bool:
    first, second = _MODES.get(one), _MODES.get(two)
    return first is not None and second is not None and first != second


def _value(shared: SharedGene, weight: float, parameters: Parameters) -> float:
    added = 0.0
    if shared.kind is MatchKind.SAME_VARIANT:
        same_variant = parameters.same_variant - parameters.neighbouring_position
        added = parameters.neighbouring_position + same_variant * shared.covered
    elif shared.kind is MatchKind.NEIGHBOURING_POSITION:
        added = parameters.neighbouring_position
    elif shared.kind is MatchKind.SAME_EFFECT:
        added = parameters.same_effect
    fitting = parameters.zygosity_fits if shared.zygosity_fits else 0.0
    return (weight + added + fitting) * math.prod([_factor(c, parameters) for c in shared.conflicts])


def _factor(conflict: Conflict, parameters: Parameters) -> float:
    factors = {
        Conflict.OPPOSITE_MECHANISM: parameters.opposite_mechanism,
        Conflict.ZYGOSITY: parameters.zygosity_differs,
        Conflict.CARRIER: parameters.carrier,
        Conflict.INHERITANCE: parameters.inheritance_differs,
    }
    return factors[conflict]
