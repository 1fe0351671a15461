"""What the pickers ask while somebody types: terms, genes, and findings in a pasted letter, which is not kept."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Invalid, Issue, NotFound
from matchmaker.model import TermId
from ontology.hpo import Term
from ontology.term_ids import PHENOTYPIC_ABNORMALITY
from web.searching import searching

bp = Blueprint("lookup", __name__, url_prefix="/lookup")
MOST_HITS, MOST_TYPED = 10, 200
LONGEST_LETTER = 20_000


@bp.get("/terms")
def terms() -> Response:
    """Findings for what was typed so far, best first."""
    typed = request.args.get("q", "")[:MOST_TYPED]
    hits = searching(mm.release).terms.search(typed, limit=MOST_HITS, below=PHENOTYPIC_ABNORMALITY)
    return jsonify(
        [
            {
                "id": hit.term,
                "label": hit.label,
                "matched": hit.matched if hit.matched.casefold() != hit.label.casefold() else "",
                "layperson": hit.layperson,
                "definition": mm.release.hpo.term(hit.term).definition,
            }
            for hit in hits
        ]
    )


@bp.get("/terms/<term_id>")
def term(term_id: str) -> Response:
    """One term with those above and below it, to walk up and down the tree."""
    hpo = mm.release.hpo
    resolved = hpo.resolve(term_id).term
    if resolved is None or not (hpo.is_below(resolved, PHENOTYPIC_ABNORMALITY) or resolved == PHENOTYPIC_ABNORMALITY):
        raise NotFound("finding", term_id)
    found: Term = hpo.term(resolved)
    return jsonify(
        {
            "id": found.id,
            "label": found.label,
            "definition": found.definition,
            "synonyms": [synonym.text for synonym in found.synonyms],
            "parents": [_named(parent) for parent in found.parents if hpo.index_of(parent) is not None],
            "children": sorted((_named(child) for child in hpo.children(resolved)), key=lambda one: one["label"]),
        }
    )


@bp.get("/genes")
def genes() -> Response:
    """Genes for what was typed so far, best first."""
    typed = request.args.get("q", "")[:MOST_TYPED]
    hits = searching(mm.release).genes.search(typed, limit=MOST_HITS)
    names = mm.release.genes
    return jsonify(
        [
            {
                "id": hit.gene,
                "symbol": hit.symbol,
                "matched": hit.matched if hit.matched.casefold() != hit.symbol.casefold() else "",
                "name": names.gene(hit.gene).name,
            }
            for hit in hits
        ]
    )


@bp.post("/letter")
def letter() -> Response:
    """The findings in a letter, with their places in it; nothing of it is stored or logged.

    Raises
    ------
    Invalid
        When it is too long.
    """
    text = request.form.get("text", "")
    if len(text) > LONGEST_LETTER:
        message = f"has {len(text):,} characters"
        raise Invalid([Issue(path="text", message=message, remedy=f"paste at most {LONGEST_LETTER:,} at once")])
    mentions = searching(mm.release).letters.read(text)
    return jsonify(
        [
            {
                "start": mention.start,
                "end": mention.end,
                "id": mention.term,
                "label": mention.label,
                "others": [_named(other) for other in mention.others],
                "excluded": mention.excluded,
                "uncertain": mention.uncertain,
                "relative": mention.relative,
            }
            for mention in mentions
        ]
    )


def _named(term_id: TermId) -> dict[str, str]:
    return {"id": term_id, "label": mm.release.hpo.label(term_id) or term_id}
