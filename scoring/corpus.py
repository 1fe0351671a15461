"""What scoring takes from a release: the graph with its weights, and a few facts about genes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import GeneId, TermId
from ontology.graph import Graph
from ontology.releases import Release
from scoring.background import reference_patients
from scoring.gene_knowledge import GeneFacts, explained, gene_facts_of, no_facts
from scoring.information_content import added_information, information_content

_REMEMBERED = 100_000
_SETS = 5000  # of ancestors, kept: some 10 MB


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
    explained : callable
        How much of some findings (dense ids) the known diseases of a gene explain, in [0, 1]; None: not known.
    above : callable
        The ancestors of a term, without itself.
    references : callable
        The observed terms of the reference patients, drawn when first asked for.
    """

    release: str
    graph: Graph
    term_ids: Sequence[TermId]
    ic: NDArray[np.float64]
    added: NDArray[np.float64]
    closure_sizes: NDArray[np.int32]
    explained: Callable[[GeneId, tuple[int, ...]], float | None]
    above: Callable[[int], frozenset[int]] = field(repr=False)
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
            # A case is asked about at every search that one of its genes is in.
            explained=lru_cache(maxsize=_REMEMBERED)(
                lambda gene, observed: explained(gene_facts(gene).phenotype, owned, ic, observed)
            ),
            above=lru_cache(maxsize=_SETS)(lambda term: frozenset(owned.closure(term).tolist()) - {term}),
            gene_facts=gene_facts,
            references=references,
        )

    @classmethod
    def of(cls, release: Release, *, gene_phenotypes: bool = True) -> Corpus:
        """Count a release's annotations; without `gene_phenotypes` it is not known what a gene's diseases look like."""
        graph, annotations = release.hpo.graph, release.annotations
        return cls.of_graph(
            graph,
            ic=information_content(graph, annotations.term_offsets, annotations.term_disease),
            release=release.id,
            term_ids=release.hpo.term_ids,
            gene_facts=gene_facts_of(release, with_phenotype=gene_phenotypes),
            references=cache(lambda: reference_patients(annotations, release.hpo)),
        )
