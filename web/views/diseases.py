"""Known diseases beside a case."""

from __future__ import annotations

from flask import Blueprint, render_template

from matchmaker import cases
from matchmaker.current import current_matchmaker as mm
from matchmaker.model import CaseId
from web import match_words, reading
from web.auth import current_user
from web.diseases_like import like

bp = Blueprint("diseases", __name__)


@bp.get("/cases/<case_id>/diseases")
def show(case_id: CaseId) -> str:
    """The likeliest diseases of a case, and its candidate genes by how well they explain it."""
    case = cases.get(mm, case_id, by=current_user).case
    name = match_words.name_of(case)
    return render_template("diseases/show.html", case=case, name=name, like=like(mm, case), release=reading.release())
