"""The reader's own cases: which there are, what is shared where, what is new."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template

from matchmaker import cases, match_life
from matchmaker.current import current_matchmaker as mm
from matchmaker.model import CaseId, StoredCase
from web import asking, match_words, reading
from web.auth import current_user
from web.forms import case_entry

bp = Blueprint("cases", __name__, url_prefix="/cases")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A case as the list shows it."""

    stored: StoredCase
    name: str
    findings: tuple[str, ...]
    genes: tuple[str, ...]
    n_new: int
    n_open: int


@bp.get("/")
def index() -> str:
    """The cases of the reader's centre, the last changed first."""
    stored = sorted(cases.list_(mm, by=current_user), key=lambda one: one.updated_at, reverse=True)
    counted = match_life.counts(mm, stored, by=current_user)
    rows = [_row(one, counted.get(one.case.id, match_life.Counts())) for one in stored]
    return render_template("cases/index.html", rows=rows, in_full=case_entry.in_full)


@bp.get("/<case_id>")
def show(case_id: CaseId) -> str:
    """One case as it is stored, and with whom it is shared."""
    stored = cases.get(mm, case_id, by=current_user)
    counted = match_life.counts(mm, [stored], by=current_user).get(case_id, match_life.Counts())
    return render_template(
        "cases/show.html",
        row=_row(stored, counted),
        case=stored.case,
        genes=case_entry.fields_of(stored.case, reading.release())["genes"],
        in_full=case_entry.in_full,
        details=case_entry.details_of(stored.case, reading.release()),
        **asking.overview(mm, stored.case, by=current_user),
        release=reading.release(),
    )


def _row(stored: StoredCase, counted: match_life.Counts) -> Row:
    case, release = stored.case, reading.release()
    observed = [feature for feature in case.features if not feature.excluded]
    genes = dict.fromkeys(release.genes.symbol(one.gene) for one in case.genomic_features if one.gene)
    return Row(
        stored=stored,
        name=match_words.name_of(case),
        findings=tuple(release.hpo.label(feature.term) or feature.term for feature in observed),
        genes=tuple(genes),
        n_new=counted.n_new,
        n_open=counted.n_open,
    )
