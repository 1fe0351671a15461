"""A search over all nodes while somebody watches."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response

from federation import live_search
from matchmaker import cases
from matchmaker.current import current_matchmaker as mm
from matchmaker.current import matchmaker_of
from matchmaker.model import CaseId
from web import match_words
from web.auth import current_user, user_now
from web.words import word

bp = Blueprint("live", __name__)


@bp.post("/cases/<case_id>/ask")
def ask(case_id: CaseId) -> Response:
    """Ask all nodes now."""
    # A thread goes on after the request, in which the proxies mean nothing.
    progress = live_search.begin(matchmaker_of(current_app), case_id, by=user_now())
    return redirect(url_for("live.show", search_id=progress.search.id), code=303)


@bp.get("/searches/<search_id>")
def show(search_id: str) -> str:
    """Every node with how it stands; a script asks again until all have answered or failed."""
    progress = live_search.look(mm, search_id, by=current_user)
    case = cases.get(mm, progress.search.case_id, by=current_user).case
    return render_template("matches/live.html", progress=progress, case=case, name=match_words.name_of(case))


@bp.get("/searches/<search_id>/progress")
def progress(search_id: str) -> Response:
    """The same for the script."""
    found = live_search.look(mm, search_id, by=current_user).to_dict()
    return jsonify({**found, "nodes": [{**node, "said": word(node["state"])} for node in found["nodes"]]})
