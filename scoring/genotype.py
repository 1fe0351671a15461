"""What shared candidate genes and variants add, and how well two genotypes of a gene agree."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from matchmaker.model import GeneId, Mechanism, TermId
from scoring.agreement import STRENGTH, MatchKind, opposite, placed_kind, variant_kind
from scoring.gene_knowledge import AUTOSOMAL_RECESSIVE, X_LINKED_RECESSIVE
from scoring.gene_weight import commonness, n_candidates
from scoring.parameters import Parameters
from scoring.profile import Profile
from scoring.shared_gene import Compared, Conflict, Note, SharedGene
from scoring.sides import Carried, Side
from scoring.variants import Allele
from scoring.zygosity import Dosage

_MODES = {
    "HP:0000006": "autosomal dominant",
    "HP:0000007": "autosomal recessive",
    "HP:0001417": "X-linked",
    "HP:0001419": "X-linked",
    "HP:0001423": "X-linked",
    "HP:0001427": "mitochondrial",
    "HP:0001450": "Y-linked",
}
_FACTORS = {
    Conflict.OPPOSITE_MECHANISM: "opposite_mechanism",
    Conflict.ZYGOSITY: "zygosity_differs",
    Conflict.CARRIER: "carrier",
    Conflict.INHERITANCE: "inheritance_differs",
}
_RECESSIVE_MODES = {AUTOSOMAL_RECESSIVE, X_LINKED_RECESSIVE}
_CANDIDATE_GENES = 2_000  # from which most candidates come
_BEYOND_CHANCE = math.log(1e-4)


def shared_genes(query: Side, other: Side, parameters: Parameters) -> tuple[SharedGene, ...]:
    """List what both sides have, the strongest evidence first; () when nothing is shared.

    The evidence adds up to ln of the factor on the score: the best gene counts in full, the k-th one by
    `several_genes * ln(k / (k - 1))`. That grows faster with the number of shared genes than the weight falls with the
    length of the list, so nothing shares more than the query itself, and three of three are more than one of three.
    """
    found: dict[GeneId | None, SharedGene] = {
        gene: _shared(gene, query, other, parameters) for gene in other.profile.genes if gene in query.genes
    }
    for gene, placed in _shared_positions(query, other).items():
        known = found.get(gene)
        if known is None or STRENGTH[placed.kind] > STRENGTH[known.kind]:
            shared = placed if known is None else _raised(known, placed.kind)
            found[gene] = _again(shared, evidence=_alone(shared, query, other, parameters))
    if len(found) < 2:
        return tuple(found.values())
    ordered = sorted(found.values(), key=lambda shared: (-shared.evidence, shared.gene or ""))
    result = [ordered[0]]
    n_agreeing = int(ordered[0].lifts)
    for shared in ordered[1:]:
        n_agreeing += shared.lifts
        step = parameters.several_genes * math.log(n_agreeing / (n_agreeing - 1)) if n_agreeing > 1 else 0.0
        result.append(_again(shared, evidence=query.scale(parameters) * step if shared.lifts else 0.0))
    return tuple(result)


def evidence_of_genes(query: Side, other: Side, parameters: Parameters) -> tuple[float, bool]:
    """Add up the evidence of `shared_genes`, and say whether any of them lifts; where one gene is shared, faster."""
    named = query.genes
    common = [gene for gene in other.profile.genes if gene in named]
    if len(common) != 1 or (query.near and _shared_positions(query, other)):
        shared = shared_genes(query, other, parameters)
        return math.fsum(gene.evidence for gene in shared), any(gene.lifts for gene in shared)
    sides = query.carried(common[0]), other.carried(common[0])
    compared = _compare(query, other, sides, parameters)
    # What was carried is kept beside it, so that its id stays its own.
    query.compared[id(sides[1])] = sides[1], compared
    return compared.evidence, Conflict.OPPOSITE_MECHANISM not in compared.conflicts


def may_be_related(query: Profile, other: Profile, genes: Sequence[SharedGene]) -> bool:
    """Whether so much of both lists is shared that it may be one person, relatives, or the same panel of genes.

    Two variants in common say so, and so do more shared genes than two lists of unrelated patients have by chance.
    """
    n_variants = sum(shared.kind is MatchKind.SAME_VARIANT for shared in genes if shared.gene is not None)
    n_genes = sum(shared.gene is not None for shared in genes)
    by_chance = n_candidates(query) * n_candidates(other) / _CANDIDATE_GENES
    surprise = n_genes * math.log(by_chance) - math.lgamma(n_genes + 1)  # ln of Poisson's leading term
    return n_variants > 1 or (n_genes > 1 and surprise < _BEYOND_CHANCE)


def _raised(shared: SharedGene, kind: MatchKind) -> SharedGene:
    """A shared gene whose variants agree better than by its name; the same variant does not do the opposite."""
    same = kind is MatchKind.SAME_VARIANT
    conflicts = tuple(one for one in shared.conflicts if not (same and one is Conflict.OPPOSITE_MECHANISM))
    return replace(shared, kind=kind, conflicts=conflicts)


def _again(shared: SharedGene, *, evidence: float) -> SharedGene:
    # As dataclasses.replace would, several times faster: some hundred cases share a gene with a query.
    return SharedGene(
        gene=shared.gene,
        kind=shared.kind,
        covered=shared.covered,
        zygosity_fits=shared.zygosity_fits,
        conflicts=shared.conflicts,
        notes=shared.notes,
        plasmies=shared.plasmies,
        explained_query=shared.explained_query,
        explained_match=shared.explained_match,
        n_papers=shared.n_papers,
        evidence=evidence,
    )


def _compare(query: Side, other: Side, sides: tuple[Carried, Carried], parameters: Parameters) -> Compared:
    mine, theirs = sides
    kind = _kind_of(mine.alleles, theirs.alleles)
    covered = _covered(mine.alleles, theirs.alleles) if kind is MatchKind.SAME_VARIANT else 1.0
    conflicts = _conflicts(query, other, sides, kind=kind)
    fits = mine.dosage is not None and mine.dosage is theirs.dosage and Conflict.CARRIER not in conflicts
    explained = mine.explained, theirs.explained
    weight = query.weight(other, parameters) - _known_for(mine.facts.n_papers, explained, parameters)
    value = _value(kind, covered, parameters, fits=fits, weight=weight) * _factor(conflicts, parameters)
    return Compared(kind, covered, conflicts, fits, query.scale(parameters) * value)


def _shared(gene: GeneId, query: Side, other: Side, parameters: Parameters) -> SharedGene:
    mine, theirs = sides = query.carried(gene), other.carried(gene)
    _, compared = query.compared.get(id(theirs)) or (theirs, _compare(query, other, sides, parameters))
    alike = mine.assemblies == theirs.assemblies and len(mine.assemblies) < 2
    plain = not mine.alleles or not theirs.alleles or (alike and not mine.remarkable and not theirs.remarkable)
    return SharedGene(
        gene=gene,
        kind=compared.kind,
        covered=compared.covered,
        zygosity_fits=compared.fits,
        conflicts=compared.conflicts,
        notes=() if plain else tuple(_notes(mine.alleles, theirs.alleles)),
        plasmies=None if mine.plasmy is None and theirs.plasmy is None else (mine.plasmy, theirs.plasmy),
        explained_query=mine.explained,
        explained_match=theirs.explained,
        n_papers=mine.facts.n_papers,
        evidence=compared.evidence,
    )


def _alone(shared: SharedGene, query: Side, other: Side, parameters: Parameters) -> float:
    """The evidence of a gene as if no other were shared."""
    explained = shared.explained_query, shared.explained_match
    weight = query.weight(other, parameters) - _known_for(shared.n_papers, explained, parameters)
    value = _value(shared.kind, shared.covered, parameters, fits=shared.zygosity_fits, weight=weight)
    return query.scale(parameters) * value * _factor(shared.conflicts, parameters)


def _kind_of(mine: Sequence[Allele], theirs: Sequence[Allele]) -> MatchKind:
    """How the variants agree that agree best."""
    best = MatchKind.SAME_GENE
    for one in mine:
        for two in theirs:
            kind = variant_kind(one, two)
            if STRENGTH[kind] > STRENGTH[best]:
                best = kind
    return best


def _conflicts(query: Side, other: Side, sides: tuple[Carried, Carried], *, kind: MatchKind) -> tuple[Conflict, ...]:
    found = []
    mine, theirs = sides
    stated = mine.mechanisms and theirs.mechanisms
    if stated and kind is not MatchKind.SAME_VARIANT and _mechanisms_oppose(mine.mechanisms, theirs.mechanisms):
        found.append(Conflict.OPPOSITE_MECHANISM)
    one, two = query.profile.inheritance_mode, other.profile.inheritance_mode
    recessive = mine.facts.recessive or one in _RECESSIVE_MODES or two in _RECESSIVE_MODES
    if recessive and (mine.dosage is Dosage.ONE or theirs.dosage is Dosage.ONE):
        found.append(Conflict.CARRIER)
    elif mine.dosage is not theirs.dosage and None not in (mine.dosage, theirs.dosage) and not mine.facts.x_linked:
        found.append(Conflict.ZYGOSITY)
    if one is not None and two is not None and _modes_differ(one, two):
        found.append(Conflict.INHERITANCE)
    return tuple(found)


def _notes(mine: Sequence[Allele], theirs: Sequence[Allele]) -> Iterator[Note]:
    ours, others = ([a for a in side if a.locus is not None] for side in (mine, theirs))
    together = [(a, b) for a in ours for b in others if a.assembly == b.assembly]
    if any(a.lifted != b.lifted for a, b in together):
        yield Note.CONVERTED
    if ours and others and not together:
        yield Note.TWO_ASSEMBLIES
    if any(a.n_genes > 1 for a in (*mine, *theirs)):
        yield Note.MANY_GENES
    if any(a.mosaic for a in (*mine, *theirs)):
        yield Note.MOSAIC


def _covered(mine: Sequence[Allele], theirs: Sequence[Allele]) -> float:
    """The share of all variants that have their like on the other side, in (0, 1].

    One of two alleles in common is less than both: a homozygote is not the same as a compound heterozygote. A variant
    of which too little is known to be the same as any is left out.
    """
    mine, theirs = ([a for a in side if variant_kind(a, a) is MatchKind.SAME_VARIANT] for side in (mine, theirs))
    same = [[variant_kind(a, b) is MatchKind.SAME_VARIANT for b in theirs] for a in mine]
    n_covered = sum(map(any, same)) + sum(map(any, zip(*same, strict=True)))
    return n_covered / (len(mine) + len(theirs))


def _shared_positions(query: Side, other: Side) -> dict[GeneId | None, SharedGene]:
    """Find variants at one place, and gains and losses of one region, where the sides do not name the same gene."""
    best: dict[GeneId | None, SharedGene] = {}
    for theirs, places in other.places if query.near else ():
        for mine in (allele for place in places for allele in query.near.get(place, ())):
            kind = placed_kind(mine, theirs)
            if kind is not None and (mine.gene is None or mine.gene != theirs.gene):
                # Two senders may name two overlapping genes: which is shown must not depend on who asks.
                gene = min((g for g in (mine.gene, theirs.gene) if g is not None), default=None)
                known = best.get(gene)
                if known is None or STRENGTH[kind] > STRENGTH[known.kind]:
                    best[gene] = SharedGene(gene=gene, kind=kind, notes=tuple(_notes([mine], [theirs])))
    return best


def _mechanisms_oppose(mine: Sequence[Mechanism], theirs: Sequence[Mechanism]) -> bool:
    if not any(opposite(a, b) for a in mine for b in theirs):
        return False
    return not any(a is b for a in mine for b in theirs)


def _modes_differ(one: TermId, two: TermId) -> bool:
    first, second = _MODES.get(one), _MODES.get(two)
    return first is not None and second is not None and first != second


def _value(kind: MatchKind, covered: float, parameters: Parameters, *, fits: bool, weight: float) -> float:
    added = 0.0
    if kind is MatchKind.SAME_VARIANT:
        same_variant = parameters.same_variant - parameters.neighbouring_position
        added = parameters.neighbouring_position + same_variant * covered
    elif kind is MatchKind.NEIGHBOURING_POSITION:
        added = parameters.neighbouring_position
    elif kind is MatchKind.SAME_REGION:
        added = parameters.same_region
    elif kind is MatchKind.SAME_EFFECT:
        added = parameters.same_effect
    return weight + added + (parameters.zygosity_fits if fits else 0.0)


def _known_for(n_papers: int, explained: tuple[float | None, float | None], parameters: Parameters) -> float:
    """What the weight of a gene falls by: as it is common, and as its diseases leave findings unexplained.

    What is left unexplained is the share of findings of the side that fits less.
    """
    here, there = explained
    least = there if here is None else here if there is None else min(here, there)
    unexplained = 0.0 if least is None else 1.0 - least
    return commonness(n_papers, parameters) + parameters.gene_unexplained * unexplained


def _factor(conflicts: tuple[Conflict, ...], parameters: Parameters) -> float:
    if not conflicts:
        return 1.0
    factors: list[float] = [getattr(parameters, _FACTORS[conflict]) for conflict in conflicts]
    return math.prod(factors)
