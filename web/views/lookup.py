"""What the pickers ask while somebody types: terms, genes, and findings in a pasted letter, which is not kept."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Invalid, Issue
from matchmaker.texts import gettext as _
from web import looking_up, numbers, reading
from web.searching import searching

bp = Blueprint("lookup", __name__, url_prefix="/lookup")
MOST_HITS = 10
LONGEST_LETTER, LONGEST_LIST = 20_000, 100_000


@bp.get("/terms")
def terms() -> Response:
    """Findings for what was typed so far, best first."""
    return jsonify(looking_up.terms(reading.release(), _typed(), limit=MOST_HITS))


@bp.get("/terms/<term_id>")
def term(term_id: str) -> Response:
    """One term with those above and below it, to walk up and down the tree."""
    return jsonify(looking_up.term(reading.release(), term_id))


@bp.get("/genes")
def genes() -> Response:
    """Genes for what was typed so far, best first."""
    return jsonify(looking_up.genes(reading.release(), _typed(), limit=MOST_HITS))


@bp.post("/gene-list")
def gene_list() -> Response:
    """Each gene of a pasted list as a line of the form; what is no gene or several, with what may be meant.

    Raises
    ------
    Invalid
        When it is too long.
    """
    return jsonify(looking_up.gene_list(mm.release, _pasted(LONGEST_LIST)))


@bp.post("/letter")
def letter() -> Response:
    """The findings in a letter, with their places in it; nothing of it is stored or logged.

    Raises
    ------
    Invalid
        When it is too long.
    """
    mentions = searching(mm.release).letters.read(_pasted(LONGEST_LETTER))
    return jsonify(
        [
            {
                "start": mention.start,
                "end": mention.end,
                "id": mention.term,
                "label": reading.release().hpo.label(mention.term) or mention.label,
                "others": [looking_up.named(reading.release().hpo, other) for other in mention.others],
                "excluded": mention.excluded,
                "uncertain": mention.uncertain,
                "relative": mention.relative,
            }
            for mention in mentions
        ]
    )


def _typed() -> str:
    return request.args.get("q", "")[: looking_up.LONGEST_QUERY]


def _pasted(most: int) -> str:
    """The text that was pasted; Invalid when it is longer than `most` characters."""
    text = request.form.get("text", "")
    if len(text) > most:
        remedy = _("paste at most %(most)s at once", most=numbers.plain(most))
        raise Invalid(
            [Issue(path="text", message=_("has %(n)s characters", n=numbers.plain(len(text))), remedy=remedy)]
        )
    return text
