"""The score on the release that ships, with cases drawn from disease annotations."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
from dataclasses import replace

import pytest

from matchmaker.model import CaseId, GeneId
from ontology.releases import Release
from scoring.background import reference_patients
from scoring.corpus import Corpus
from scoring.gene_knowledge import gene_facts_of
from scoring.index import Change, Index
from scoring.parameters import shipped_parameters
from scoring.profile import Profile
from scoring.scorer import Scorer
from tests.reference.scoring import Reference

N_PATIENTS = 25


@pytest.fixture(scope="module")
def reference(release: Release) -> Reference:
    graph, annotations = release.hpo.graph, release.annotations
    bounds = annotations.term_offsets.tolist()
    diseases = [annotations.term_disease[a:b].tolist() for a, b in itertools.pairwise(bounds)]
    parents = [graph.parents_of(term).tolist() for term in range(graph.n_terms)]
    return Reference(
        parents,
        diseases,
        shipped_parameters(),
        references=reference_patients(annotations, release.hpo, n_patients=N_PATIENTS),
        papers={gene: annotations.papers_of_gene(gene) for gene in annotations.genes[:200]},
        known={gene: annotations.genes_phenotype(gene).tolist() for gene in annotations.genes[:200]},
    )


def drawn_cases(release: Release, n_cases: int) -> list[Profile]:
    """Cases with a third of a disease's annotations, some of them a step less exact, and some genes."""
    rng = random.Random(11)
    annotations, graph = release.annotations, release.hpo.graph
    linked = [GeneId(g) for g in annotations.genes[:200]]
    cases = []
    for n in range(n_cases):
        d = rng.randrange(len(annotations))
        terms = annotations.term_disease[annotations.term_offsets[d] : annotations.term_offsets[d + 1]].tolist()
        chosen = rng.sample(terms, min(len(terms), rng.randint(1, 12)))
        for k, term in enumerate(chosen):
            parents = graph.parents_of(term)
            if rng.random() < 0.2 and len(parents):
                chosen[k] = int(parents[0])
        excluded = {rng.randrange(graph.n_terms) for _ in range(rng.randint(0, 3))}
        above = {int(a) for term in chosen for a in graph.closure(term)}
        cases.append(
            Profile(
                case_id=CaseId(f"c{n:04d}"),
                release=release.id,
                observed=tuple(sorted(set(chosen))),
                excluded=tuple(sorted(excluded - above)),
                genes=tuple(sorted(rng.sample(linked, rng.randint(0, 6)))),
            )
        )
    return cases


@pytest.fixture(scope="module")
def small_scorer(release: Release) -> Scorer:
    """Fewer reference patients than ship: the slow reference compares every case with every one of them."""
    patients = reference_patients(release.annotations, release.hpo, n_patients=N_PATIENTS)
    return Scorer(replace(Corpus.of(release), references=lambda: patients))


@pytest.mark.slow
def test_search_of_drawn_cases_is_what_the_slow_reference_computes(
    release: Release, reference: Reference, small_scorer: Scorer
):
    cases = drawn_cases(release, 30)
    index = Index(small_scorer)
    index.apply((Change(case_id=c.case_id, revision=1, profile=c) for c in cases), revision=1)
    for query in cases[:6]:
        hits = {hit.case_id: hit for hit in index.search(query, k=len(cases))}
        for case in cases:
            expected = reference.raw(query, case)
            hit = hits.get(case.case_id)
            assert (hit.raw if hit else 0.0) == pytest.approx(expected, abs=1e-6)
            if hit:
                assert hit.score.total == pytest.approx(reference.total(query, case), abs=1e-6)


@pytest.mark.slow
def test_every_drawn_case_is_the_same_as_itself_and_found_among_the_first(release: Release, scorer: Scorer):
    cases = drawn_cases(release, 300)
    index = Index(scorer)
    index.apply((Change(case_id=c.case_id, revision=1, profile=c) for c in cases), revision=1)
    for case in cases:
        own = next(hit for hit in index.search(case, k=3) if hit.case_id == case.case_id)
        assert own.score.total == 1.0


def test_gene_facts_come_from_the_gene_table_and_the_annotations(release: Release):
    facts = gene_facts_of(release)
    assert facts(GeneId("HGNC:8923")).recessive  # PHGDH: Neu-Laxova syndrome, PHGDH deficiency
    assert facts(GeneId("HGNC:15631")).x_linked  # TLR7
    shox = facts(GeneId("HGNC:10853"))  # pseudoautosomal: two copies in a male
    assert not shox.x_linked
    assert facts(GeneId("LOCUS-A")) == facts(GeneId("HGNC:99999999"))


def test_reading_profiles_and_explanations_needs_no_numba():
    modules = "scoring.profile, scoring.explanation, scoring.calibration, scoring.scorer, scoring.index, scoring.batch"
    code = f"import sys, {modules}; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
