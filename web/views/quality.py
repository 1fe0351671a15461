"""How complete cases are against the minimal data set."""

from __future__ import annotations

from flask import Blueprint, render_template

from matchmaker import minimal_data, quality
from matchmaker.actors import Role
from matchmaker.current import current_matchmaker as mm
from web import match_words, quality_page
from web.auth import current_user

bp = Blueprint("quality", __name__, url_prefix="/quality")
MOST = 20  # cases on the page


@bp.get("/")
def index() -> str:
    """One's own centre case by case; for those who see no case, every centre."""
    if current_user.role in {Role.OPERATOR, Role.AUDITOR}:
        centres = quality.of_centres(mm, by=current_user)
        return render_template("quality/centres.html", centres=centres, plots=quality_page.plots(centres))
    found = quality.of_cases(mm, by=current_user)
    return render_template(
        "quality/index.html",
        found=found[:MOST],
        together=minimal_data.together(one.stored.case for one in found),
        words=quality_page.WORDS,
        name_of=match_words.name_of,
    )
