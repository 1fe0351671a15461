"""What a clinician does for the person that a case is about: say who saw it, hand out all of it, erase it."""

from __future__ import annotations

import json

from flask import Blueprint, flash, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation import subjects
from matchmaker import auditing, cases
from matchmaker.current import current_matchmaker as mm
from matchmaker.model import CaseId, StoredCase
from web import match_words
from web.auth import current_user
from web.forms.audit import EraseForm

Answer = str | Response | tuple[str, int]
bp = Blueprint("subjects", __name__, url_prefix="/cases")


@bp.get("/<case_id>/subject")
def show(case_id: CaseId) -> str:
    """What can be done for the person of a case."""
    return _show(cases.get(mm, case_id, by=current_user), EraseForm(formdata=None))


@bp.post("/<case_id>/subject/export")
def export(case_id: CaseId) -> Response:
    """All that is held about the case, as a file."""
    held = subjects.export(mm, case_id, by=current_user)
    answer = Response(json.dumps(held, indent=2, ensure_ascii=False), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="case-{case_id[:8]}.json"'
    return answer


@bp.post("/<case_id>/subject/erase")
def erase(case_id: CaseId) -> Answer:
    """Erase the case, and show that it is gone."""
    stored, form = cases.get(mm, case_id, by=current_user), EraseForm()
    if not form.validate_on_submit() or (form.name.data or "").strip() != stored.case.local_id:
        flash(_("The case is still there: type the id that you gave it, and tick the box."), "warning")
        return _show(stored, form), 422
    proof = auditing.erase(mm, case_id, by=current_user)
    return render_template("subjects/erased.html", proof=proof)


def _show(stored: StoredCase, form: EraseForm) -> str:
    return render_template(
        "subjects/show.html",
        case=stored.case,
        name=match_words.name_of(stored.case),
        form=form,
    )
