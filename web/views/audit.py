"""The audit log, for auditors and operators: what was done, who saw a case, is it really erased."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matchmaker import audit, auditing
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import NotFound
from matchmaker.model import CaseId
from matchmaker.store.audit import Wanted
from web.auth import current_user
from web.forms.audit import EraseForm, SearchForm

Answer = str | Response | tuple[str, int]
MOST = 200
NAMED_BY = 8  # characters of a case's id, to be typed before it is erased
_A_DAY = dt.timedelta(days=1)
bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("/")
def index() -> Answer:
    """What was done: by case, person, node, action, time."""
    form = SearchForm(request.args)
    if not form.validate():
        return render_template("audit/index.html", form=form, found=[], n_found=0, most=MOST), 422
    case, person = (form.case.data or "").strip(), (form.person.data or "").strip().lower()
    wanted = Wanted(
        node=(form.node.data or "").strip() or None,
        action=(form.action.data or "").strip() or None,
        since=_midnight(form.since.data),
        until=_midnight(form.until.data, days=1),
    )
    found = audit.search(
        mm, by=current_user, case_id=CaseId(case) if case else None, person=person or None, wanted=wanted
    )
    shown = list(reversed(found[-MOST:]))
    return render_template("audit/index.html", form=form, found=shown, n_found=len(found), most=MOST)


@bp.get("/verify")
def verify() -> str:
    """Is the log as it was written?"""
    return render_template("audit/verify.html", verified=audit.verify(mm))


@bp.get("/cases/<case_id>")
def case(case_id: CaseId) -> str:
    """Who did or saw what of a case, and whether an erased one is gone."""
    trail = auditing.trail(mm, case_id, by=current_user)
    if trail.empty:
        raise NotFound("case", case_id)
    return render_template("audit/case.html", case_id=case_id, trail=trail)


@bp.get("/cases/<case_id>/erase")
def ask_erase(case_id: CaseId) -> str:
    """What erasing means, and the confirmation."""
    return _ask(case_id, EraseForm(formdata=None))


@bp.post("/cases/<case_id>/erase")
def erase(case_id: CaseId) -> Answer:
    """Erase a case, and show that it is gone."""
    form = EraseForm()
    if not form.validate_on_submit() or (form.name.data or "").strip() != case_id[:NAMED_BY]:
        flash(_("The case is still there: type the beginning of its id, and tick the box."), "warning")
        return _ask(case_id, form), 422
    auditing.erase(mm, case_id, by=current_user)
    flash(_("The case is erased."), "success")
    return redirect(url_for("audit.case", case_id=case_id), code=303)


def _ask(case_id: CaseId, form: EraseForm) -> str:
    trail = auditing.trail(mm, case_id, by=current_user)
    if trail.empty or trail.proof is not None:
        raise NotFound("case", case_id)
    return render_template("audit/erase.html", case_id=case_id, trail=trail, form=form, named_by=case_id[:NAMED_BY])


def _midnight(day: dt.date | None, *, days: int = 0) -> dt.datetime | None:
    if day is None:
        return None
    return dt.datetime.combine(day, dt.time(), dt.UTC) + days * _A_DAY
