"""What is shared where: over all cases of the reader's centre, and for one of them; sharing one that is local only."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matchmaker import cases, shared
from matchmaker.current import current_matchmaker as mm
from matchmaker.disclosure import Preview
from matchmaker.errors import Invalid, Stale
from matchmaker.model import Case, CaseId, Consent, Disclosure, Sharing, StoredCase
from web import forms, match_words, reading
from web.auth import current_user
from web.forms import case_entry
from web.forms.case_entry import CaseForm
from web.views.entry import seen_elsewhere

bp = Blueprint("sharing", __name__)


@bp.get("/sharing")
def index() -> str:
    """Each case with its levels and the nodes that hold something of it."""
    stored = sorted(cases.list_(mm, by=current_user), key=lambda one: one.updated_at, reverse=True)
    holders = shared.holders(mm, stored, by=current_user)
    rows = [(one, match_words.name_of(one.case), holders.get(one.case.id, [])) for one in stored]
    return render_template("sharing/index.html", rows=rows, in_full=case_entry.in_full)


@bp.get("/cases/<case_id>/sharing")
def show(case_id: CaseId) -> str:
    """One case: which node may see it, was asked with it, was told of it, and heard of a change."""
    case = cases.get(mm, case_id, by=current_user).case
    holders = shared.of_case(mm, case_id, by=current_user)
    name = match_words.name_of(case)
    return render_template("sharing/show.html", case=case, name=name, holders=holders, in_full=case_entry.in_full)


@bp.get("/cases/<case_id>/share")
def offer(case_id: CaseId) -> str:
    """With whom a case could be shared, and what each of them would see."""
    stored = cases.get(mm, case_id, by=current_user)
    fields = {**case_entry.fields_of(stored.case, reading.release()), "version": str(stored.version)}
    return _offered(stored, CaseForm(formdata=None, data=fields))


@bp.post("/cases/<case_id>/share")
def share(case_id: CaseId) -> Response | tuple[str, int]:
    """Share a case; it asks the nodes at once, and what they answer arrives in its list of matches."""
    stored, form = cases.get(mm, case_id, by=current_user), CaseForm()
    seen = request.form.get("version", "")
    if not case_entry.states_sharing(form):
        return _offered(stored, form), 422
    try:
        case = case_entry.shared(form, stored.case)
        cases.edit(mm, case, version=int(seen) if seen.isdecimal() else 0, by=current_user)
    except Invalid as error:
        forms.show(form, error)
        return _offered(stored, form), 422
    except Stale:
        flash(_("A colleague changed this case meanwhile. Nothing was shared: look at it again."), "warning")
        return redirect(url_for("sharing.offer", case_id=case_id), code=303)
    flash(_("Saved. Who may see the case is asked now."), "success")
    return redirect(url_for("matches.of_case", case_id=case_id, _anchor="asked"), code=303)


def _offered(stored: StoredCase, form: CaseForm) -> str:
    form.offer(reading.release(), before=stored.case)
    return render_template(
        "sharing/offer.html",
        case=stored.case,
        name=match_words.name_of(stored.case),
        form=form,
        previews={level.value: _preview(stored.case, level) for level in Disclosure},
        release=reading.release(),
        step=mm.settings.score_step,
    )


def _preview(case: Case, level: Disclosure) -> Preview | None:
    """What a node would see that may see the case, whatever its consent says today."""
    consent = case.consent or Consent(basis="consent")
    return seen_elsewhere(replace(case, sharing=Sharing.FEDERATED, disclosure=level, consent=consent))
