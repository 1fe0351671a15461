"""What a release knows of a gene: where it lies, how its diseases are inherited, what they look like, how often they
are reported. Frozen with the release: no case of this node changes any of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import GeneId, TermId
from ontology.graph import Graph
from ontology.releases import Release

AUTOSOMAL_RECESSIVE = TermId("HP:0000007")
X_LINKED_RECESSIVE = TermId("HP:0001419")
_RECESSIVE = ({AUTOSOMAL_RECESSIVE}, {X_LINKED_RECESSIVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneFacts:
    """What bears on agreement between two genotypes of one gene.

    `phenotype` marks the terms that its diseases have, ancestors included, a bit each; empty where nothing is known.
    `n_papers` counts the publications that HPO's annotations of its diseases cite: how common the gene is among cases.
    """

    x_linked: bool = False  # on X alone, so that a male has one copy
    recessive: bool = False  # every disease of the gene whose inheritance is known is recessive
    phenotype: bytes = b""
    n_papers: int = 0


def no_facts(gene: GeneId) -> GeneFacts:
    """Know nothing of any gene."""
    return GeneFacts()


def gene_facts_of(release: Release, *, with_phenotype: bool = True) -> Callable[[GeneId], GeneFacts]:
    """Look genes up in the gene table and the disease annotations; nothing is known of an unknown one.

    Parameters
    ----------
    with_phenotype : bool
        False leaves out what a gene's diseases look like: annotations cite published patients, so that on published
        cases it would tell the answer.
    """

    @cache
    def facts(gene: GeneId) -> GeneFacts:
        resolution = release.genes.resolve(gene)
        if resolution.gene is None:
            return GeneFacts()
        location = release.genes.gene(resolution.gene).location or ""
        annotations = release.annotations
        modes = [annotations.inheritance(d) for d in annotations.diseases_of_gene(resolution.gene)]
        known = [set(mode) for mode in modes if mode]
        terms = annotations.genes_phenotype(resolution.gene) if with_phenotype else ()
        return GeneFacts(
            # Genes of the pseudoautosomal regions are on X and Y, and named so: they behave like autosomal ones.
            x_linked=location.startswith("X") and "Y" not in location,
            recessive=bool(known) and any(all(mode == one for mode in known) for one in _RECESSIVE),
            phenotype=marked(release.hpo.graph, terms),
            n_papers=annotations.papers_of_gene(resolution.gene),
        )

    return facts


def marked(graph: Graph, terms: Sequence[int] | NDArray[np.int32]) -> bytes:
    """Mark terms (dense ids) and all above them, a bit each; empty for none.

    Examples
    --------
    >>> list(marked(Graph.of([[], [0], [0]]), [2]))
    [5]
    """
    if not len(terms):
        return b""
    has = np.zeros(graph.n_terms, np.bool_)
    for term in terms:
        has[graph.closure(int(term))] = True
    return np.packbits(has, bitorder="little").tobytes()


def explained(phenotype: bytes, graph: Graph, ic: NDArray[np.float64], observed: Sequence[int]) -> float | None:
    """Which share of what a patient's findings say is known of a gene's diseases.

    Returns
    -------
    float or None
        In [0, 1]: of the information content of the findings, as much as their closest ancestor that a disease of the
        gene has holds. None when nothing is known of the gene, or the findings say nothing.
    """
    if not phenotype:
        return None
    whole = covered = 0.0
    for term in observed:
        whole += float(ic[term])
        covered += max(
            (float(ic[a]) for a in graph.closure(term).tolist() if phenotype[a >> 3] >> (a & 7) & 1), default=0.0
        )
    return covered / whole if whole > 0.0 else None
