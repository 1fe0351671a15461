"""What reference data adds to a match: the diseases of the shared genes, and the tests that are worth doing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matchmaker import wording
from matchmaker.model import Case, GeneId, TermId
from ontology.annotations import Disease
from ontology.releases import Release
from scoring.explanation import Explanation

METABOLITES = TermId("HP:0032180")  # Abnormal circulating metabolite concentration: what a blood test shows


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDisease:
    """A disease of a shared gene, with how many of the query's findings it has; the newest papers first."""

    gene: str
    id: str
    name: str
    inheritance: tuple[str, ...]
    n_having: int
    n_findings: int
    papers: tuple[str, ...]


def known(explanation: Explanation, release: Release) -> tuple[str, ...]:
    """What the disease annotations say of the shared genes, a line per disease; () when they know none."""
    lines = []
    for gene in _shared_genes(explanation):
        for disease_id in release.annotations.diseases_of_gene(gene):
            disease = release.annotations.disease(disease_id)
            modes = ", ".join(filter(None, map(release.hpo.label, disease.inheritance)))
            line = f"{release.genes.symbol(gene)}: {disease.name} ({disease_id})"
            lines.append(f"{line}, {modes.lower()}" if modes else line)
    return tuple(lines)


def about_shared_genes(query: Case, explanation: Explanation, release: Release) -> tuple[KnownDisease, ...]:
    """The diseases of the shared genes by the annotations, those that have most of the query's findings first."""
    observed = {release.hpo.resolve(feature.term).term for feature in query.features if not feature.excluded} - {None}
    found = []
    for gene in _shared_genes(explanation):
        for disease_id in release.annotations.diseases_of_gene(gene):
            disease = release.annotations.disease(disease_id)
            papers = {paper for one in disease.annotations for paper in one.references if paper.startswith("PMID:")}
            found.append(
                KnownDisease(
                    gene=release.genes.symbol(gene),
                    id=disease_id,
                    name=disease.name,
                    inheritance=tuple(filter(None, map(release.hpo.label, disease.inheritance))),
                    n_having=len(observed & _described(disease, release)),
                    n_findings=len(observed),
                    papers=tuple(sorted(papers, key=lambda paper: (len(paper), paper), reverse=True)),
                )
            )
    return tuple(sorted(found, key=lambda one: (-one.n_having, one.gene, one.id)))


def worth_testing(query: Case, other: Case, explanation: Explanation, release: Release) -> tuple[str, ...]:
    """Blood tests that the shared genes' diseases would change and neither side has recorded."""
    recorded = {feature.term for case in (query, other) for feature in case.features}
    found = {
        annotation.term
        for gene in _shared_genes(explanation)
        for disease_id in release.annotations.diseases_of_gene(gene)
        for annotation in release.annotations.disease(disease_id).annotations
        if not annotation.excluded and annotation.term not in recorded and _is_blood_test(release, annotation.term)
    }
    return tuple(wording.term_name(release, term) for term in sorted(found))


def _described(disease: Disease, release: Release) -> set[TermId | None]:
    """All findings that patients with a disease have, with those above them."""
    indexes = (release.hpo.index_of(one.term) for one in disease.annotations if not one.excluded)
    closures = (release.hpo.graph.closure(index).tolist() for index in indexes if index is not None)
    return {release.hpo.term_ids[above] for closure in closures for above in closure}


def _shared_genes(explanation: Explanation) -> Iterable[GeneId]:
    return (shared.gene for shared in explanation.genes if shared.gene is not None)


def _is_blood_test(release: Release, term: TermId) -> bool:
    term_index, metabolites = release.hpo.index_of(term), release.hpo.index_of(METABOLITES)
    return term_index is not None and metabolites in release.hpo.graph.closure(term_index)
