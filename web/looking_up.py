"""Terms and genes by words or ids, spelled for programs: what the pickers ask while somebody types, and the API."""

from __future__ import annotations

from typing import Any

from matchmaker.errors import Invalid, Issue, NotFound
from matchmaker.model import TermId
from ontology.hpo import Hpo
from ontology.releases import Release
from ontology.term_ids import PHENOTYPIC_ABNORMALITY
from ontology.terms import Term
from web.searching import searching

LONGEST_QUERY = 200  # characters


def terms(release: Release, typed: str, *, limit: int) -> list[dict[str, Any]]:
    """Return findings for what was typed, best first."""
    hits = searching(release).terms.search(typed, limit=limit, below=PHENOTYPIC_ABNORMALITY)
    return [
        {
            "id": hit.term,
            "label": hit.label,
            "matched": hit.matched if hit.matched.casefold() != hit.label.casefold() else "",
            "layperson": hit.layperson,
            "definition": release.hpo.term(hit.term).definition,
        }
        for hit in hits
    ]


def term(release: Release, term_id: str) -> dict[str, Any]:
    """Return one finding with those above and below it; an old id is taken for what replaced it.

    Raises
    ------
    NotFound
        When there is none, or it is no finding.
    """
    hpo = release.hpo
    resolved = hpo.resolve(term_id).term
    if resolved is None or not (hpo.is_below(resolved, PHENOTYPIC_ABNORMALITY) or resolved == PHENOTYPIC_ABNORMALITY):
        raise NotFound("finding", term_id)
    found: Term = hpo.term(resolved)
    return {
        "id": found.id,
        "label": found.label,
        "definition": found.definition,
        "synonyms": [synonym.text for synonym in found.synonyms],
        "parents": [named(hpo, parent) for parent in found.parents if hpo.index_of(parent) is not None],
        "children": sorted((named(hpo, child) for child in hpo.children(resolved)), key=lambda one: one["label"]),
    }


def genes(release: Release, typed: str, *, limit: int) -> list[dict[str, Any]]:
    """Return genes for what was typed, best first."""
    return [
        {
            "id": hit.gene,
            "symbol": hit.symbol,
            "matched": hit.matched if hit.matched.casefold() != hit.symbol.casefold() else "",
            "name": release.genes.gene(hit.gene).name,
        }
        for hit in searching(release).genes.search(typed, limit=limit)
    ]


def gene(release: Release, name: str) -> dict[str, Any]:
    """Return the one gene that an id, symbol or alias means.

    Raises
    ------
    NotFound
        When it means none.
    Invalid
        When it means several: that is asked, never guessed.
    """
    resolution = release.genes.resolve(name)
    if resolution.candidates and resolution.gene is None:
        meant = ", ".join(f"{release.genes.symbol(one)} ({one})" for one in resolution.candidates)
        raise Invalid([Issue(path="gene_id", message=f"{name} means several genes", remedy=f"choose one of {meant}")])
    if resolution.gene is None:
        raise NotFound("gene", name)
    found = release.genes.gene(resolution.gene)
    return {
        "id": found.id,
        "symbol": found.symbol,
        "name": found.name,
        "aliases": list(found.aliases),
        "previous": list(found.previous),
        "ensembl": found.ensembl,
        "entrez": found.entrez,
        "location": found.location,
    }


def named(hpo: Hpo, term_id: TermId) -> dict[str, str]:
    """Spell a term as id and label."""
    return {"id": term_id, "label": hpo.label(term_id) or term_id}
