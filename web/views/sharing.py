"""What is shared where: over all cases of the reader's centre, and for one of them."""

from __future__ import annotations

from flask import Blueprint, render_template

from matchmaker import cases, shared
from matchmaker.current import current_matchmaker as mm
from matchmaker.model import CaseId
from web import match_words
from web.auth import current_user

bp = Blueprint("sharing", __name__)


@bp.get("/sharing")
def index() -> str:
    """Each case with its levels and the nodes that hold something of it."""
    stored = sorted(cases.list_(mm, by=current_user), key=lambda one: one.updated_at, reverse=True)
    holders = shared.holders(mm, stored, by=current_user)
    rows = [(one, match_words.name_of(one.case), holders.get(one.case.id, [])) for one in stored]
    return render_template("sharing/index.html", rows=rows)


@bp.get("/cases/<case_id>/sharing")
def show(case_id: CaseId) -> str:
    """One case: which node may see it, was asked with it, was told of it, and heard of a change."""
    case = cases.get(mm, case_id, by=current_user).case
    holders = shared.of_case(mm, case_id, by=current_user)
    return render_template("sharing/show.html", case=case, name=match_words.name_of(case), holders=holders)
