"""Releases, as a curator looks after them: what is here, bringing one in, adopting it, going back."""

from __future__ import annotations

import datetime as dt
from pathlib import PureWindowsPath
from typing import BinaryIO, cast

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matchmaker import adoption, hands, release_jobs, release_overview, releases, term_names
from matchmaker.current import current_matchmaker as mm
from matchmaker.current import matchmaker_of
from matchmaker.errors import Invalid, MatchmakerError, NotFound, ReleaseError, Unavailable
from matchmaker.store.jobs import Job, Kind
from matchmaker.uploads import uploads
from ontology.releases import Release
from web import forms, languages, numbers
from web.auth import current_user, user_now
from web.forms.releases import ChoiceForm, CompareForm, ConfirmForm, DownloadForm, TranslationForm, UploadForm
from web.release_page import of_comparison, settled_choice

Answer = str | Response | tuple[str, int]
MOST_BYTES = 4 * release_jobs.MOST_BYTES
bp = Blueprint("releases", __name__, url_prefix="/releases")


@bp.url_value_preprocessor
def _allow_large_files(endpoint: str | None, _values: dict[str, object] | None) -> None:
    """The files of a release are larger than any form; this comes before who asks is checked, and reads nothing."""
    if endpoint in {"releases.upload", "releases.translate"}:
        request.max_content_length = MOST_BYTES


@bp.get("/")
def index() -> str:
    """What is here, and which one is in use."""
    return _index(UploadForm(formdata=None), DownloadForm(formdata=None))


@bp.post("/upload")
def upload() -> Answer:
    """Take the files of a release and check them in the background."""
    form = UploadForm()
    sent = {part: cast(BinaryIO, file.stream) for part, file in request.files.items() if file.filename}
    try:
        job = release_jobs.upload(matchmaker_of(current_app), sent, by=user_now())
    except Invalid as error:
        forms.show(form, error)
        return _index(form, DownloadForm(formdata=None)), 422
    except (ReleaseError, Unavailable) as error:
        return _refused(error)
    return _watch(job)


@bp.post("/download")
def download() -> Answer:
    """Fetch a release in the background."""
    form = DownloadForm()
    try:
        job = release_jobs.download(matchmaker_of(current_app), (form.date.data or "").strip() or None, by=user_now())
    except Invalid as error:
        forms.show(form, error)
        return _index(UploadForm(formdata=None), form), 422
    except Unavailable as error:
        return _refused(error)
    return _watch(job)


@bp.post("/translate")
def translate() -> Answer:
    """Keep what terms are called in other languages beside a release."""
    form = TranslationForm()
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        flash(_("Choose a file."), "danger")
        return redirect(url_for("releases.index"), code=303)
    release = _held(form.release.data or "")
    try:
        with uploads(mm) as folder:
            path = folder / (PureWindowsPath(sent.filename).name or "file")
            sent.save(path)
            loaded = term_names.load(mm, path, release, by=current_user)
    except (ReleaseError, Unavailable) as error:
        return _refused(error)
    for one in loaded:
        name = languages.available().get(one.language, one.language)
        flash(
            _(
                "%(language)s: %(n)s labels and %(synonyms)s synonyms are shown with release %(id)s.",
                language=name,
                n=numbers.plain(one.n_labels),
                synonyms=numbers.plain(one.n_synonyms),
                id=release.id,
            ),
            "success",
        )
    return redirect(url_for("releases.index"), code=303)


@bp.post("/compare")
def compare() -> Answer:
    """Compare two releases in the background."""
    form = request.form
    try:
        job = release_jobs.compare(
            matchmaker_of(current_app), form.get("before", ""), form.get("after", ""), by=user_now()
        )
    except (ReleaseError, Unavailable) as error:
        return _refused(error)
    return _watch(job)


@bp.get("/jobs/<job_id>")
def job(job_id: str) -> Answer:
    """How far a job is; what it found, once it is done."""
    found = release_jobs.look(mm, job_id, by=current_user)
    state = found.state(_now())
    if state == "done" and found.kind is Kind.COMPARE:
        return redirect(url_for("releases.comparison", job_id=job_id), code=303)
    return render_template("releases/job.html", job=found, state=state)


@bp.get("/jobs/<job_id>/progress")
def progress(job_id: str) -> Response:
    """The same for the script."""
    found = release_jobs.look(mm, job_id, by=current_user)
    return jsonify({"state": found.state(_now()), "done": found.n_done})


@bp.get("/jobs/<job_id>/comparison")
def comparison(job_id: str) -> str:
    """What changes from one release to another, and what that does to the cases."""
    compared = release_jobs.compared(mm, job_id, by=current_user)
    after = _held(compared.after)
    shown = of_comparison(compared, request.args.get("show", ""), request.args.get("page", 1, int), after)
    return render_template(
        "releases/comparison.html", shown=shown, after=after, active=adoption.in_use(mm), confirm=ConfirmForm()
    )


@bp.get("/jobs/<job_id>/comparison.json")
def everything(job_id: str) -> Response:
    """All of it, for a program."""
    return jsonify(release_jobs.compared(mm, job_id, by=current_user).found)


@bp.get("/<checksum>/adopt")
def ask_adopt(checksum: str) -> str:
    """What adopting means, and the button."""
    release = _held(checksum)
    open_ = [one for one in adoption.ambiguous(mm, checksum, by=current_user) if one.chosen is None]
    return render_template(
        "releases/adopt.html", release=release, active=adoption.in_use(mm), open=open_, confirm=ConfirmForm()
    )


@bp.post("/<checksum>/adopt")
def adopt(checksum: str) -> Answer:
    """Use a release."""
    return _adopted(adoption.adopt(mm, _held(checksum).checksum, by=current_user))


@bp.get("/rollback")
def ask_rollback() -> Answer:
    """What going back means, and the button."""
    before = adoption.before(mm, by=current_user)
    if before is None:
        return _refused(ReleaseError(_("No other release was used here, so there is none to go back to.")))
    return render_template("releases/rollback.html", before=before, active=adoption.in_use(mm), confirm=ConfirmForm())


@bp.post("/rollback")
def rollback() -> Answer:
    """Use the release before again."""
    try:
        return _adopted(adoption.rollback(mm, by=current_user))
    except ReleaseError as error:
        return _refused(error)


@bp.get("/ambiguous")
def ambiguous() -> str:
    """Obsolete terms of our cases for which somebody must decide."""
    return _ambiguous(request.args.get("release") or None)


@bp.post("/ambiguous")
def choose() -> Answer:
    """Decide what an obsolete term counts as."""
    form = ChoiceForm()
    name = form.release.data or None
    replacement = settled_choice(form)
    if not form.validate() or replacement == "":
        flash(
            _("Choose what %(term)s counts as; another term is written as HP:0001250.", term=form.term.data), "danger"
        )
        return _ambiguous(name), 422
    release = None if name is None else _held(name).checksum
    try:
        decided = adoption.choose(mm, form.term.data or "", replacement, by=current_user, name=release)
    except Invalid as error:
        flash(str(error), "danger")
        return _ambiguous(name), 422
    hands.nudge(matchmaker_of(current_app))
    told = _("%(term)s counts as %(other)s.", term=form.term.data, other=replacement or _("nothing"))
    matched = _("%(n)s cases are matched again.", n=decided.n_cases)
    flash(f"{told} {matched}", "success")
    return redirect(url_for("releases.ambiguous", release=name), code=303)


def _index(upload_form: UploadForm, download_form: DownloadForm) -> str:
    shown = release_overview.overview(mm, by=current_user)
    compare_form = CompareForm(formdata=None)
    pairs = [(one.release.checksum, one.id) for one in shown.held if one.release is not None]
    compare_form.before.choices = compare_form.after.choices = forms.choices(pairs)
    compare_form.before.data = shown.active.checksum
    compare_form.after.data = next((checksum for checksum, _id in pairs if checksum != shown.active.checksum), None)
    return render_template(
        "releases/index.html",
        shown=shown,
        upload=upload_form,
        download=download_form,
        compare=compare_form,
        translation=_translation_form(pairs, shown.active),
        translated=[(one, term_names.held(mm.settings, one.release)) for one in shown.held if one.release],
        jobs=[(job, job.state(_now())) for job in release_jobs.latest(mm, by=current_user)],
    )


def _translation_form(pairs: list[tuple[str, str]], active: Release) -> TranslationForm:
    form = TranslationForm(formdata=None)
    form.release.choices, form.release.data = forms.choices(pairs), active.checksum
    return form


def _ambiguous(name: str | None) -> str:
    release = adoption.in_use(mm) if name is None else _held(name)
    found = adoption.ambiguous(mm, name, by=current_user)
    return render_template("releases/ambiguous.html", terms=found, release=release, name=name, form=ChoiceForm())


def _held(checksum: str) -> Release:
    try:
        return releases.find(mm.settings, checksum)
    except ReleaseError as error:
        raise NotFound("release", checksum) from error


def _adopted(adopted: adoption.Adoption) -> Response:
    hands.nudge(matchmaker_of(current_app))
    told = _("Release %(id)s is in use; %(n)s cases are matched again.", id=adopted.release.id, n=adopted.n_cases)
    flash(told if adopted.changed else _("Release %(id)s is in use already.", id=adopted.release.id), "success")
    return redirect(url_for("releases.index"), code=303)


def _watch(job: Job) -> Response:
    return redirect(url_for("releases.job", job_id=job.id), code=303)


def _refused(error: MatchmakerError) -> Response:
    flash(str(error), "danger")
    return redirect(url_for("releases.index"), code=303)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
