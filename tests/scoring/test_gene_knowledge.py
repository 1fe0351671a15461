from __future__ import annotations

import numpy as np
import pytest

from matchmaker.model import GeneId
from ontology.graph import Graph
from ontology.releases import Release
from scoring.corpus import Corpus
from scoring.gene_knowledge import explained, gene_facts_of, marked

#    0 -> 1 -> 2, 0 -> 3
GRAPH = Graph.of([[], [0], [1], [0]])
IC = np.array([0.0, 1.0, 3.0, 2.0])


def test_findings_are_explained_as_far_as_their_closest_known_ancestor():
    phenotype = marked(GRAPH, [1])
    assert explained(phenotype, GRAPH, IC, [1]) == 1.0
    assert explained(phenotype, GRAPH, IC, [2]) == pytest.approx(1.0 / 3.0)
    assert explained(phenotype, GRAPH, IC, [2, 3]) == pytest.approx(1.0 / 5.0)
    assert explained(phenotype, GRAPH, IC, [3]) == 0.0


def test_nothing_is_explained_by_an_unknown_gene_or_of_findings_that_say_nothing():
    assert explained(b"", GRAPH, IC, [2]) is None
    assert explained(marked(GRAPH, [1]), GRAPH, IC, [0]) is None
    assert explained(marked(GRAPH, [1]), GRAPH, IC, []) is None


def test_publications_of_a_gene_are_counted_once_each(release: Release):
    gene = GeneId("HGNC:3603")  # FBN1
    diseases = [release.annotations.disease(d) for d in release.annotations.diseases_of_gene(gene)]
    lines = (a for d in diseases for a in d.annotations)
    cited = {ref for line in lines for ref in line.references if ref.startswith("PMID:")}
    assert len(cited) > 5
    # Modes of inheritance cite publications too.
    assert release.annotations.papers_of_gene(gene) >= len(cited)
    assert release.annotations.papers_of_gene("HGNC:99999999") == 0


def test_what_genes_look_like_can_be_left_out(release: Release):
    gene = GeneId("HGNC:8923")
    assert gene_facts_of(release)(gene).phenotype
    bare = gene_facts_of(release, with_phenotype=False)(gene)
    assert (bare.phenotype, bare.recessive) == (b"", True)
    assert Corpus.of(release, gene_phenotypes=False).explained(gene, (5, 6)) is None
