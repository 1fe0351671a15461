"""Random ontologies with their reference, and random profiles over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from matchmaker.model import CaseId, CopyChange, GeneId, Mechanism, Sex, Sharing, TermId, Zygosity
from ontology.graph import Graph
from scoring.corpus import Corpus
from scoring.gene_knowledge import GeneFacts, marked
from scoring.information_content import information_content
from scoring.parameters import shipped_parameters
from scoring.profile import Profile
from scoring.variants import Allele, EffectClass
from tests.reference.scoring import Reference

RELEASE = "random"
GENES = [GeneId(f"HGNC:{n}") for n in range(1, 7)]
X_LINKED, RECESSIVE = {GENES[0]}, {GENES[1]}
PAPERS = {GENES[2]: 30, GENES[3]: 3}


def facts_of(graph: Graph) -> Callable[[GeneId], GeneFacts]:
    """Know of two genes the first and the last term that their diseases have."""
    known = {GENES[1]: marked(graph, [0]), GENES[3]: marked(graph, [graph.n_terms - 1])}

    def facts(gene: GeneId) -> GeneFacts:
        return GeneFacts(
            x_linked=gene in X_LINKED,
            recessive=gene in RECESSIVE,
            phenotype=known.get(gene, b""),
            n_papers=PAPERS.get(gene, 0),
        )

    return facts


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Corpus, Reference]:
    """A graph of up to 24 terms and up to 12 diseases: as arrays, and as the reference takes it."""
    n_terms = draw(st.integers(1, 24))
    parents: list[list[int]] = [[]]
    for term in range(1, n_terms):
        parents.append(sorted(draw(st.sets(st.integers(0, term - 1), min_size=1, max_size=3))))
    diseases = draw(st.lists(st.sets(st.integers(0, n_terms - 1), max_size=6), max_size=12))
    return world(parents, [sorted(disease) for disease in diseases])


def world(parents: list[list[int]], diseases: list[list[int]]) -> tuple[Corpus, Reference]:
    graph = Graph.of(parents)
    offsets = np.cumsum([0] + [len(disease) for disease in diseases])
    terms = np.array([term for disease in diseases for term in disease], np.int32)
    patients = [tuple(sorted(set(disease))) for disease in diseases[:11] if len(set(disease)) > 1]
    corpus = Corpus.of_graph(
        graph,
        ic=information_content(graph, offsets, terms),
        release=RELEASE,
        term_ids=[TermId(f"HP:{n:07d}") for n in range(len(parents))],
        gene_facts=facts_of(graph),
        references=lambda: patients,
    )
    reference = Reference(
        parents,
        diseases,
        shipped_parameters(),
        x_linked=X_LINKED,
        recessive=RECESSIVE,
        papers=PAPERS,
        known={GENES[1]: [0], GENES[3]: [len(parents) - 1]},
        references=patients,
    )
    return corpus, reference


@st.composite
def alleles(draw: st.DrawFn, genes: tuple[GeneId, ...]) -> Allele:
    """A variant in a small space, so that two of them often agree in something."""
    placed = draw(st.booleans())
    change = draw(st.sampled_from([None, None, None, CopyChange.LOSS, CopyChange.GAIN]))
    start = draw(st.integers(100, 103)) if placed else None
    spellings = [(None, None), ("A", "T"), ("A", "G"), ("", "CA"), ("", "AC"), ("CA", "")]
    bases = draw(st.sampled_from(spellings)) if change is None else (None, None)
    length = draw(st.integers(1, 6))
    named = draw(st.booleans())
    return Allele(
        gene=draw(st.sampled_from([*genes, None])),
        assembly=draw(st.sampled_from(["GRCh37", "GRCh38", "GRCh38", None])) if placed else None,
        chromosome=draw(st.sampled_from(["1", "1", "MT"])) if placed else None,
        start=start,
        end=None if start is None else start + length,
        reference_bases=bases[0],
        alternate_bases=bases[1],
        hgvs_reference=draw(st.sampled_from([None, "NM_1.1", "NM_2.1"])) if named else None,
        hgvs_change=draw(st.sampled_from(["c.1A>T", "c.2A>T"])) if named else None,
        effect=draw(st.sampled_from([None, EffectClass.LOSS, EffectClass.MISSENSE, "SO:0000001"])),
        mechanism=draw(st.sampled_from([None, *Mechanism])),
        zygosity=draw(st.sampled_from([None, *Zygosity])),
        haplotype=draw(st.sampled_from([None, 1, 2])),
        mosaic=draw(st.booleans()),
        copy_change=change,
    )


@st.composite
def profiles(draw: st.DrawFn, corpus: Corpus, *, variants: bool = True) -> Profile:
    """A profile as `profile_of` would make it: what is observed is not excluded above itself."""
    terms = st.sets(st.integers(0, corpus.graph.n_terms - 1), max_size=7)
    observed = draw(terms)
    above = {int(a) for term in observed for a in corpus.graph.closure(term)}
    genes = tuple(sorted(draw(st.sets(st.sampled_from(GENES), max_size=4))))
    found = draw(st.lists(alleles(genes), max_size=3)) if variants else []
    stated: dict[str, Any] = {
        "case_id": CaseId(draw(st.sampled_from("abcdefghij"))),
        "release": RELEASE,
        "observed": tuple(sorted(observed)),
        "excluded": tuple(sorted(draw(terms) - above)),
        "genes": genes,
        "alleles": tuple(sorted(set(found), key=repr)),
        "sex": draw(st.sampled_from([None, *Sex])),
        "age_stage": draw(st.sampled_from([None, 0, 3, 5])),
        "onset": draw(st.sampled_from([None, TermId("HP:0003577"), TermId("HP:0003581"), TermId("HP:9999999")])),
        "inheritance_mode": draw(st.sampled_from([None, "HP:0000006", "HP:0000007", "HP:0001417", "HP:0001419"])),
        "sharing": draw(st.sampled_from(list(Sharing))),
        "test": draw(st.booleans()),
        "owner": draw(st.sampled_from(["o1", "o2"])),
        "family": draw(st.sampled_from([None, "o1\nf"])),
    }
    return Profile(**stated)
