"""The work list of a centre: what its cases need, each with what one click would change."""

from __future__ import annotations

import itertools

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matchmaker import curating
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Invalid, Stale
from matchmaker.model import CaseId
from web import match_words, reading
from web.auth import current_user

bp = Blueprint("worklist", __name__, url_prefix="/worklist")
MOST = 50  # of one kind on the page


@bp.get("/")
def index() -> str:
    """Everything there is to do, the most urgent first."""
    found = curating.to_do(mm, by=current_user)
    groups = [(kind, list(some)) for kind, some in itertools.groupby(found, key=lambda one: one.kind)]
    release = reading.release()
    return render_template(
        "worklist/index.html", groups=groups, n=len(found), most=MOST, release=release, name_of=match_words.name_of
    )


@bp.post("/<case_id>")
def mend(case_id: CaseId) -> Response:
    """Mend one thing."""
    version = request.form.get("version", 0, int)
    try:
        curating.mend(mm, case_id, request.form.get("fix", ""), version=version, by=current_user)
    except (Invalid, Stale) as error:
        flash(str(error), "warning")
    else:
        flash(_("Done; what it was before stays in the history of the case."), "success")
    return redirect(url_for("worklist.index"), code=303)
