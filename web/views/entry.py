"""Entering and changing a case: the form, its draft, and what others would see of it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import trying
from matchmaker import cases, disclosure, drafts
from matchmaker.completeness import Completeness, completeness
from matchmaker.consent import EEA
from matchmaker.current import current_matchmaker as mm
from matchmaker.disclosure import Preview
from matchmaker.errors import Invalid, Issue, Stale
from matchmaker.model import Case, CaseId, Node, NodeName, Sharing, StoredCase
from web import forms, match_words, reading
from web.auth import current_user
from web.forms import case_entry
from web.forms.case_entry import CaseForm
from web.searching import searching

Answer = str | Response | tuple[str, int]
bp = Blueprint("entry", __name__, url_prefix="/cases")
_NOT_KEPT = {"csrf_token"}


@bp.get("/new")
def new() -> str:
    """An empty form, or what was typed into it before."""
    return _page(_form(drafts.NEW, {}), None)


@bp.post("/new")
def create() -> Answer:
    """Store a new case; it is matched at once."""
    form = _sent()
    try:
        case = _read(form, None)
    except Invalid as error:
        return _refused(form, None, error)
    twins = trying.twins(mm, case, by=current_user)
    if twins and not request.form.get("not_the_same"):
        return _page(form, None, twins=twins), 409
    submitted = cases.submit(mm, case, by=current_user)
    drafts.drop(mm, drafts.NEW, by=current_user)
    flash(_("The case is stored. It is being matched now."), "success")
    return redirect(url_for("cases.show", case_id=submitted.case_id), code=303)


@bp.get("/<case_id>/edit")
def edit(case_id: CaseId) -> str:
    """The form with what is stored, or with what was typed since."""
    stored = cases.get(mm, case_id, by=current_user)
    fields = {**case_entry.fields_of(stored.case, reading.release()), "version": str(stored.version)}
    return _page(_form(case_id, fields, stored.case), stored)


@bp.post("/<case_id>/edit")
def save(case_id: CaseId) -> Answer:
    """Store a changed case, unless somebody else changed it meanwhile."""
    stored = cases.get(mm, case_id, by=current_user)
    form = _sent(stored.case)
    try:
        case = _read(form, stored.case)
    except Invalid as error:
        return _refused(form, stored, error)
    seen = form.version.data or ""
    version = int(seen) if seen.isdecimal() else 0
    try:
        cases.edit(mm, case, version=version, by=current_user)
    except Stale:
        form.version.data = str(stored.version)
        message = _(
            "A colleague saved this case while you were typing. What is stored now is below; save to replace it."
        )
        return _page(form, stored, warning=message, theirs=True), 409
    drafts.drop(mm, case_id, by=current_user)
    flash(_("Saved. The case is matched again."), "success")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@bp.post("/<about>/draft")
def draft(about: str) -> tuple[str, int]:
    """Keep what was typed so far; the page sends it while somebody types."""
    if about != drafts.NEW:
        cases.get(mm, CaseId(about), by=current_user)
    fields = {name: value for name, value in request.form.items() if name not in _NOT_KEPT}
    drafts.keep(mm, about, fields, by=current_user)
    return "", 204


@bp.post("/<about>/discard")
def discard(about: str) -> Response:
    """Throw a draft away."""
    drafts.drop(mm, about, by=current_user)
    there = url_for("entry.new") if about == drafts.NEW else url_for("cases.show", case_id=about)
    return redirect(there, code=303)


@bp.post("/preview")
def preview() -> Answer:
    """What another node would be asked with and told, made by the code that asks and tells."""
    form = _sent()
    try:
        case = _read(form, None)
    except Invalid as error:
        return _refused(form, None, error)
    step = mm.settings.score_step
    return render_template("cases/preview.html", shown=seen_elsewhere(case), release=reading.release(), step=step)


@bp.post("/<case_id>/withdraw")
def withdraw(case_id: CaseId) -> Response:
    """Take a case out of matching at once."""
    cases.withdraw(mm, case_id, by=current_user)
    flash(_("The case is withdrawn: nobody finds it any more, and whoever saw it is told."), "success")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


def seen_elsewhere(case: Case) -> Preview | None:
    """What another node would be asked with and told of a case; None when nothing."""
    if case.effective_sharing in {Sharing.PRIVATE, Sharing.NATIONAL}:
        return None
    return disclosure.preview(mm, case, Node(name=NodeName("another node"), jurisdiction=EEA))


def _sent(before: Case | None = None) -> CaseForm:
    form = CaseForm()
    form.offer(reading.release(), before=before)
    return form


def _form(about: str, fields: dict[str, object], before: Case | None = None) -> CaseForm:
    """The form with the fields given, and over them what was typed and not saved."""
    found = drafts.find(mm, about, by=current_user)
    form = CaseForm(MultiDict(found.fields)) if found else CaseForm(data=fields)
    form.offer(reading.release(), before=before)
    if found:
        flash(_("This is what you typed before; it is not saved yet."), "warning")
    return form


def _read(form: CaseForm, before: Case | None) -> Case:
    if not form.validate_on_submit():
        issues = [
            Issue(path=name, message=str(text), remedy="") for name, texts in form.errors.items() for text in texts
        ]
        raise Invalid(issues)
    return case_entry.read(form, searching(reading.release()).lines, reading.release(), by=current_user, before=before)


def _refused(form: CaseForm, stored: StoredCase | None, error: Invalid) -> tuple[str, int]:
    for field in form:
        field.errors = []
    others = forms.show(form, error)
    return _page(form, stored, warning="; ".join(map(str, others))), 422


def _page(
    form: CaseForm,
    stored: StoredCase | None,
    *,
    warning: str = "",
    twins: list[StoredCase] | None = None,
    theirs: bool = False,
) -> str:
    return render_template(
        "cases/form.html",
        form=form,
        stored=stored,
        about=stored.case.id if stored else drafts.NEW,
        warning=warning,
        twins=[(twin.case.id, match_words.name_of(twin.case)) for twin in twins or ()],
        theirs=case_entry.fields_of(stored.case, reading.release()) if stored and theirs else None,
        meter=_meter(stored),
        severities=case_entry.severities(reading.release()),
    )


def _meter(stored: StoredCase | None) -> Completeness | None:
    return completeness(stored.case) if stored else None
