"""Matches of the reader's own cases: the list, the comparison, and what became of each."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from federation import confirmations, opened
from federation.opened import Opened
from matchmaker import cases, freshness, match_life
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Invalid
from matchmaker.match_life import Pair
from matchmaker.model import CaseId
from matchmaker.store.matches import MatchStatus
from scoring.grid import grid
from web import asking, grid_picture, match_groups, match_list, match_page, match_words, reading
from web.auth import current_user
from web.diseases_like import address_of, like
from web.grid_picture import GridPicture
from web.match_groups import Group
from web.match_list import Narrowed
from web.match_page import Entry
from web.views import live
from web.writing import writing

bp = Blueprint("matches", __name__)
MOST = 200  # entries of the list over all cases: each is compared again to say why


@bp.get("/matches")
def index() -> str:
    """The matches of all cases of the reader's centre, the newest day first."""
    stored = list(cases.list_(mm, by=current_user))
    pairs, n_more = match_life.of_cases(mm, stored, most=MOST, by=current_user)
    return render_template("matches/index.html", list=_narrowed(pairs, by_day=True), n_more=n_more, n_cases=len(stored))


@bp.get("/matches/<match_id>")
def show(match_id: str) -> str:
    """One match beside the others of its case."""
    match_life.look(mm, match_id, by=current_user)
    return _page(match_life.get(mm, match_id, by=current_user))


@bp.get("/cases/<case_id>/matches")
def of_case(case_id: CaseId) -> str | AnyResponse:
    """The best match of a case; a page of its own when there is none."""
    narrowed = _narrowed(match_life.of_case(mm, case_id, by=current_user))
    if narrowed.entries:
        best = narrowed.entries[0].match_id
        return redirect(url_for("matches.show", match_id=best, **narrowed.chosen), code=303)
    case = cases.get(mm, case_id, by=current_user).case
    name, beside = match_words.name_of(case), asking.overview(mm, case, by=current_user)
    return render_template("matches/none.html", case=case, name=name, list=narrowed, current="", **beside)


@bp.get("/cases/<case_id>/matches/list")
def listed(case_id: CaseId) -> str:
    """The list alone as it is now, for a page that shows it already."""
    narrowed = _narrowed(match_life.of_case(mm, case_id, by=current_user))
    return render_template("matches/_listed.html", list=narrowed, current=request.args.get("match", ""))


@bp.get("/cases/<case_id>/matches.csv")
def spreadsheet(case_id: CaseId) -> Response:
    """The same list as a file."""
    narrowed = _narrowed(match_life.of_case(mm, case_id, by=current_user))
    answer = Response(match_list.as_csv(narrowed.entries), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="matches.csv"'
    return answer


@bp.post("/matches/<match_id>/status")
def move(match_id: str) -> AnyResponse | tuple[str, int]:
    """Move a match on."""
    reason = request.form.get("reason", "")
    try:
        status = MatchStatus(request.form.get("status", ""))
    except ValueError:
        status = MatchStatus.NEW
    try:
        match_life.move(mm, match_id, status, by=current_user, reason=reason)
    except Invalid as error:
        return refused(match_id, _beside(error), reason=reason), 422
    flash(_("Saved: this match is %(status)s.", status=match_words.status_names()[status]), "success")
    return redirect(url_for("matches.show", match_id=match_id), code=303)


@bp.post("/matches/<match_id>/again")
def again(match_id: str) -> AnyResponse:
    """Look once more whether a match still holds: here at once, at another node by a search to watch."""
    pair = match_life.get(mm, match_id, by=current_user)
    if not pair.at_home:
        return live.begin(pair.stored.case.id, match_id=match_id)
    if freshness.look_again(mm, match_id, by=current_user):
        flash(_("It was found again: what you see is of now."), "success")
    else:
        flash(_("It is not found any more: less alike than what is shown. Set it aside if you agree."), "warning")
    return redirect(url_for("matches.show", match_id=match_id), code=303)


@bp.post("/matches/<match_id>/notes")
def note(match_id: str) -> AnyResponse | tuple[str, int]:
    """Write a note for the colleagues of the centre."""
    text = request.form.get("text", "")
    try:
        match_life.note(mm, match_id, text, by=current_user)
    except Invalid as error:
        return refused(match_id, _beside(error), text=text), 422
    flash(_("The note is kept; it never leaves your centre."), "success")
    return redirect(url_for("matches.show", match_id=match_id, _anchor="history"), code=303)


def refused(match_id: str, errors: dict[str, str], **typed: str) -> str:
    """The page again, with what was typed and what is wrong with it."""
    return _page(match_life.get(mm, match_id, by=current_user), typed=typed, errors=errors)


def _grid(one: Opened) -> GridPicture:
    here, there = mm.profile(one.pair.stored.case), mm.profile(one.finding.case)
    return grid_picture.picture(grid(mm.scorer.corpus, here, there), reading.release())


def _beside(error: Invalid) -> dict[str, str]:
    return {issue.path: f"{issue.message}: {issue.remedy}" for issue in error.issues}


def _page(pair: Pair, *, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None) -> str:
    case = pair.stored.case
    beside = asking.overview(mm, case, by=current_user)
    (one,) = opened.open_all(mm, [pair], by=current_user)
    return render_template(
        "matches/show.html",
        case=case,
        name=match_words.name_of(case),
        list=_narrowed(beside["pairs"]),
        match=pair.match,
        current=pair.match.id,
        shown=match_page.shown(one, reading.release()),
        grid=_grid(one) if request.args.get("view") == "grid" else None,
        **beside,
        like=like(mm, case),
        address_of=address_of,
        history=match_life.history(mm, pair.match.id, by=current_user),
        said=confirmations.said(mm, pair.match.id, by=current_user),
        status_name=match_words.status_name(pair.match),
        statuses={s: name for s, name in match_words.status_names().items() if s is not MatchStatus.NEW},
        status_names=match_words.status_names(),
        release=reading.release(),
        outdated=match_words.outdated_texts(freshness.of_pair(mm, pair), pair.match, reading.release()),
        writing=writing(mm, pair.match.id, by=current_user),
        typed=typed or {},
        errors=errors or {},
    )


def _narrowed(pairs: list[Pair], *, by_day: bool = False) -> Narrowed:
    """The entries of pairs; copies and relatives of one case stand behind the first of them."""
    shown = match_list.in_order(opened.open_all(mm, pairs, by=current_user), by_day=by_day)
    why = match_life.why_set_aside(mm, pairs)
    placed = []
    for case_id in dict.fromkeys(one.pair.stored.case.id for one in shown):
        of_case = [(place, one) for place, one in enumerate(shown) if one.pair.stored.case.id == case_id]
        groups = match_groups.grouped(of_case[0][1].pair.stored.case, [one for _, one in of_case], reading.release())
        placed += [
            (of_case[group.leader][0], place, _entry(one, group, why=why.get(one.pair.match.id, "")))
            for (place, one), group in zip(of_case, groups, strict=True)
        ]
    entries = [entry for _, _, entry in sorted(placed, key=lambda placed_: placed_[:2])]
    return match_list.narrow(entries, kind=request.args.get("show", ""), node=request.args.get("node", ""))


def _entry(one: Opened, group: Group, *, why: str) -> Entry:
    outdated = bool(freshness.of_pair(mm, one.pair))
    return match_page.entry(one, reading.release(), outdated=outdated, why_aside=why, group=group)
