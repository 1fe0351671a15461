"""The genotype of one side of a comparison: what it has in each gene, and near which places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from matchmaker.model import GeneId, Mechanism
from scoring.agreement import Place, places_near, region_keys, regions_near
from scoring.corpus import Corpus
from scoring.gene_knowledge import GeneFacts
from scoring.gene_weight import evidence_scale, list_weight, n_candidates
from scoring.parameters import Parameters
from scoring.profile import Profile
from scoring.shared_gene import Compared
from scoring.variants import Allele, mechanism_of
from scoring.zygosity import Dosage, Plasmy, dosage, plasmy_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What one side has in one gene, and how much of its findings the gene's known diseases explain."""

    alleles: tuple[Allele, ...]
    mechanisms: tuple[Mechanism, ...]  # of those of which one is known
    dosage: Dosage | None
    plasmy: Plasmy | None
    facts: GeneFacts
    explained: float | None
    assemblies: frozenset[tuple[str | None, bool]]  # of its placed variants, and whether they were converted to it
    remarkable: bool  # something of the variants themselves is noted


class Side:
    """The genotype of one side of a comparison. A query's is made once, and asked again for each other case."""

    def __init__(self, profile: Profile, corpus: Corpus) -> None:
        self.profile = profile
        self._corpus = corpus
        self._carried: dict[GeneId, Carried] = {}
        self._weights: dict[int, float] = {}
        self._scale: float | None = None
        # What a search compared already, by the identity of what the other side has: an explanation asks again.
        self.compared: dict[int, tuple[Carried, Compared]] = {}
        self.n_candidates = n_candidates(profile)

    def carried(self, gene: GeneId) -> Carried:
        """What is known of one of its genes."""
        found = self._carried.get(gene)
        if found is None:
            alleles = tuple([a for a in self.profile.alleles if a.gene == gene])
            facts = self._corpus.gene_facts(gene)
            found = self._carried[gene] = Carried(
                alleles=alleles,
                mechanisms=tuple([m for m in map(mechanism_of, alleles) if m is not None]),
                dosage=dosage(alleles, facts, self.profile.sex) if alleles else None,
                plasmy=plasmy_of(alleles) if alleles else None,
                facts=facts,
                explained=self._corpus.explained(gene, self.profile.observed),
                assemblies=frozenset((a.assembly, a.lifted) for a in alleles if a.locus is not None),
                remarkable=any(a.mosaic or a.n_genes > 1 for a in alleles),
            )
        return found

    def weight(self, other: Side, parameters: Parameters) -> float:
        """What a gene is worth that is shared with the other side, as long as the two lists of candidates are."""
        n_others = other.n_candidates
        found = self._weights.get(n_others)
        if found is None:
            found = self._weights[n_others] = float(list_weight(self.n_candidates * n_others, parameters))
        return found

    @cached_property
    def places(self) -> tuple[tuple[Allele, tuple[Place, ...]], ...]:
        """Its placed variants, each with the places and regions that it is in."""
        placed = ((allele, allele.locus) for allele in self.profile.alleles)
        return tuple((allele, (at, *region_keys(allele))) for allele, at in placed if at is not None)

    def scale(self, parameters: Parameters) -> float:
        """What a unit of gene weight is worth where this side asks."""
        if self._scale is None:
            self._scale = evidence_scale(len(self.profile.observed), parameters)
        return self._scale

    @cached_property
    def genes(self) -> frozenset[GeneId]:
        return frozenset(self.profile.genes)

    @cached_property
    def near(self) -> dict[Place, list[Allele]]:
        """Its variants by each place or region at which another one may agree with it."""
        found: dict[Place, list[Allele]] = {}
        for allele in self.profile.alleles:
            for place in (*places_near(allele), *regions_near(allele)):
                found.setdefault(place, []).append(allele)
        return found
