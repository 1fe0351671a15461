"""What scoring takes from a release: the graph with its weights, and a few facts about genes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import GeneId, TermId
from ontology.graph import Graph
from ontology.releases import Release
from scoring.background import reference_patients
from scoring.information_content import added_information, information_content

AUTOSOMAL_RECESSIVE = TermId("HP:0000007")


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneFacts:
    """What bears on agreement between two genotypes of one gene."""

    x_linked: bool = False  # on X alone, so that a male has one copy
    recessive: bool = False  # every disease of the gene whose inheritance is known is recessive


def no_facts(gene: GeneId) -> GeneFacts:
    """Know nothing of any gene."""
    return GeneFacts()


def no_references() -> Sequence[tuple[int, ...]]:
    """Know no patients in general."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Terms of one release with their weights; all arrays are contiguous, writeable and of shape (n_terms,).

    Attributes
    ----------
    ic : float64, nats
    added : float64, nats
        What a term says beyond its most informative parent.
    closure_sizes : int32
        How many terms its closure has.
    references : callable
        The observed terms of the reference patients, drawn when first asked for.
    """

    release: str
    graph: Graph
    term_ids: Sequence[TermId]
    ic: NDArray[np.float64]
    added: NDArray[np.float64]
    closure_sizes: NDArray[np.int32]
    gene_facts: Callable[[GeneId], GeneFacts] = no_facts
    references: Callable[[], Sequence[tuple[int, ...]]] = no_references

    @classmethod
    def of_graph(
        cls,
        graph: Graph,
        *,
        ic: NDArray[np.float64],
        release: str,
        term_ids: Sequence[TermId],
        gene_facts: Callable[[GeneId], GeneFacts] = no_facts,
        references: Callable[[], Sequence[tuple[int, ...]]] = no_references,
    ) -> Corpus:
        """Prepare a graph whose information content (monotone, nats, shape (n_terms,)) is known."""
        # The compiled kernels take writeable arrays only: a read-only one is another type to numba.
        owned = Graph(
            parent_offsets=np.array(graph.parent_offsets, np.int32),
            parents=np.array(graph.parents, np.int32),
            ancestor_offsets=np.array(graph.ancestor_offsets, np.int32),
            ancestors=np.array(graph.ancestors, np.int32),
        )
        return cls(
            release=release,
            graph=owned,
            term_ids=term_ids,
            ic=np.array(ic, np.float64),
            added=added_information(owned, ic),
            closure_sizes=np.diff(owned.ancestor_offsets).astype(np.int32),
            gene_facts=gene_facts,
            references=references,
        )

    @classmethod
    def of(cls, release: Release) -> Corpus:
        """Count a release's annotations."""
        graph, annotations = release.hpo.graph, release.annotations
        return cls.of_graph(
            graph,
            ic=information_content(graph, annotations.term_offsets, annotations.term_disease),
            release=release.id,
            term_ids=release.hpo.term_ids,
            gene_facts=lru_cache(maxsize=None)(lambda gene: gene_facts_of(gene, release)),
            references=cache(lambda: reference_patients(annotations, release.hpo)),
        )


def gene_facts_of(gene: GeneId, release: Release) -> GeneFacts:
    """Look a gene up in the gene table and the disease annotations; nothing is known of an unknown one."""
    resolution = release.genes.resolve(gene)
    if resolution.gene is None:
        return GeneFacts()
    location = release.genes.gene(resolution.gene).location or ""
    modes = [release.annotations.inheritance(d) for d in release.annotations.diseases_of_gene(resolution.gene)]
    known = [mode for mode in modes if mode]
    return GeneFacts(
        # Genes of the pseudoautosomal regions are on X and Y, and named so: they behave like autosomal ones.
        x_linked=location.startswith("X") and "Y" not in location,
        recessive=bool(known) and all(set(mode) == {AUTOSOMAL_RECESSIVE} for mode in known),
    )
