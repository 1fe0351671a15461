"""Bringing cases in from files: what would become of each record is shown first, and then done."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Redirect

from federation import trying
from federation.importing import Defaults
from federation.spreadsheets import writing
from matchmaker import cases, dry_runs
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Invalid, NotFound, Unavailable
from matchmaker.model import Sharing
from web import forms, import_page
from web.auth import current_user
from web.forms.imports import FilesForm, RowsForm

Answer = str | Redirect | tuple[str, int]
bp = Blueprint("imports", __name__, url_prefix="/imports")


@bp.get("/")
def index() -> str:
    """Where files are chosen, and templates to fill in."""
    return _index(FilesForm(formdata=None))


@bp.post("/")
def try_out() -> Answer:
    """Read files, and show what storing them would do; no case is touched."""
    form = FilesForm()
    sent = [(file.filename, file.stream) for file in request.files.getlist("files") if file.filename]
    if not form.validate_on_submit():
        return _index(form), 422
    if not sent:
        form.files.errors = [_("Choose at least one file.")]
        return _index(form), 422
    defaults = Defaults(sharing=Sharing(form.sharing.data), basis=form.basis.data or None)
    try:
        trying.try_out(mm, sent, defaults=defaults, by=current_user)
    except Invalid as error:
        forms.show(form, error)
        return _index(form), 422
    return redirect(url_for("imports.check"), code=303)


@bp.get("/check")
def check() -> Answer:
    """What would be stored, changed and rejected, row by row."""
    found = dry_runs.find(mm, by=current_user)
    if found is None:
        flash(_("Nothing is waiting to be stored. A check is kept for a day; choose the file again."), "info")
        return redirect(url_for("imports.index"), code=303)
    return _check(found)


@bp.post("/check")
def store() -> Answer:
    """Store the ticked rows exactly as they were shown."""
    form = RowsForm()
    chosen = [int(number) for number in request.form.getlist("row") if number.isdecimal()]
    if not form.validate_on_submit():
        raise Invalid([])
    try:
        stored = trying.store(mm, form.dry_run.data or "", chosen, by=current_user)
    except NotFound:
        flash(
            _("These rows are stored already, or another file was checked since. See below what there is."), "warning"
        )
        return redirect(url_for("cases.index"), code=303)
    except Unavailable as error:
        flash(_("%(why)s. What was stored is kept; press the button again for the rest.", why=error), "danger")
        return redirect(url_for("imports.check"), code=303)
    if stored is None:
        flash(_("A case was changed since this was shown. Nothing is stored yet: look again, then store."), "warning")
        return redirect(url_for("imports.check"), code=303)
    said = ngettext("%(num)s new case is stored", "%(num)s new cases are stored", stored.imported)
    if stored.updated:
        said += ", " + ngettext("%(num)s is changed", "%(num)s are changed", stored.updated)
    matched = _("They are being matched now.")
    flash(f"{said}. {matched}", "success")
    return redirect(url_for("cases.index"), code=303)


@bp.post("/discard")
def discard() -> Redirect:
    """Forget what was shown."""
    dry_runs.drop(mm, by=current_user)
    flash(_("Thrown away; no case was touched."), "info")
    return redirect(url_for("imports.index"), code=303)


@bp.get("/report.csv")
def report() -> Response:
    """The report of what was shown last."""
    found = dry_runs.find(mm, by=current_user)
    if found is None:
        raise NotFound("report", "of an import")
    body = import_page.as_csv(import_page.page_of(mm, found, by=current_user))
    return _file(body.encode("utf-8-sig"), "import-report.csv", "text/csv")


@bp.get("/template")
def template() -> Response:
    """A spreadsheet to fill in: empty, or with the cases of the reader's centre; XLSX, or CSV when asked for."""
    filled, form = "filled" in request.args, request.args.get("form")
    held = [one.case for one in cases.list_(mm, by=current_user)] if filled else []
    name = "cases" if filled else "template"
    if form == "minimal":
        return _file(writing.as_minimal_csv(held, mm.release), "minimal-data-set.csv", "text/csv")
    if form == "csv":
        return _file(writing.as_csv(held, mm.release), f"{name}.csv", "text/csv")
    return _file(writing.as_workbook(held, mm.release), f"{name}.xlsx", writing.XLSX)


def _index(form: FilesForm) -> str:
    waiting = dry_runs.find(mm, by=current_user)
    return render_template("imports/index.html", form=form, waiting=waiting, most=trying.MOST_RECORDS)


def _check(found: dry_runs.DryRun) -> str:
    form = RowsForm(formdata=None, data={"dry_run": found.id})
    return render_template("imports/check.html", page=import_page.page_of(mm, found, by=current_user), form=form)


def _file(body: bytes, name: str, kind: str) -> Response:
    answer = Response(body, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
