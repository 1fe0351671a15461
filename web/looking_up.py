"""Terms and genes by words or ids, spelled for programs: what the pickers ask while somebody types, and the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from federation.lines import MOST_LINES, with_detail
from federation.spreadsheets.pieces import gene_lines
from matchmaker.errors import Invalid, Issue, NotFound
from matchmaker.model import TermId, Variant
from matchmaker.texts import gettext as _
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
            "parents": [one["label"] for one in _parents(release.hpo, release.hpo.term(hit.term))],
        }
        for hit in hits
    ]


def term(release: Release, term_id: str) -> dict[str, Any]:
    """Return one finding with those above, beside and below it; an old id is taken for what replaced it.

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
    parents = _parents(hpo, found)
    beside = {child for parent in parents for child in hpo.children(TermId(parent["id"]))} - {found.id}
    return {
        "id": found.id,
        "label": found.label,
        "definition": found.definition,
        "synonyms": [synonym.text for synonym in found.synonyms],
        "layperson": [synonym.text for synonym in found.synonyms if synonym.layperson],
        "parents": parents,
        "children": _by_label(hpo, hpo.children(resolved)),
        "siblings": _by_label(hpo, beside),
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


def gene_list(release: Release, text: str) -> list[dict[str, Any]]:
    """Return each gene of a pasted list as a line of the form; what is no gene or several, with what may be meant."""
    return [_gene_line(release, line) for line in gene_lines(text, searching(release).lines)[:MOST_LINES]]


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
        raise Invalid(
            [
                Issue(
                    path="gene_id",
                    message=_("%(name)s means several genes", name=name),
                    remedy=_("choose one of %(meant)s", meant=meant),
                )
            ]
        )
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


def _gene_line(release: Release, line: str) -> dict[str, Any]:
    name, *details = line.split("; ")
    genes_ = release.genes
    if with_detail(Variant(), name) is not None:
        return {"line": line, "known": True, "choices": []}
    found = genes_.resolve(name)
    meant = [{"id": one, "symbol": genes_.symbol(one), "name": genes_.gene(one).name} for one in found.candidates]
    symbol = name if found.gene is None else genes_.symbol(found.gene)
    choices = [] if found.gene else meant
    return {"line": "; ".join((symbol, *details)), "known": found.gene is not None, "choices": choices}


def _parents(hpo: Hpo, found: Term) -> list[dict[str, str]]:
    """The terms above one that are findings."""
    return [named(hpo, parent) for parent in found.parents if hpo.index_of(parent) is not None]


def _by_label(hpo: Hpo, term_ids: Iterable[TermId]) -> list[dict[str, str]]:
    return sorted((named(hpo, one) for one in term_ids), key=lambda one: one["label"])
