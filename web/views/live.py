"""Asking all nodes now, and how far that is, for the page of the matches."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation import live_search
from matchmaker import cases
from matchmaker.current import current_matchmaker as mm
from matchmaker.current import matchmaker_of
from matchmaker.model import CaseId
from web import asking
from web.auth import current_user, user_now

bp = Blueprint("live", __name__)
_KEPT = ("show", "node", "view")  # what the reader chose to see


@bp.post("/cases/<case_id>/ask")
def ask(case_id: CaseId) -> Response:
    """Ask all nodes now, and go back to the match that is being read."""
    chosen: dict[str, Any] = {name: request.args[name] for name in _KEPT if name in request.args}
    return begin(case_id, match_id=request.args.get("match", ""), **chosen)


def begin(case_id: CaseId, *, match_id: str, **chosen: Any) -> Response:
    """Ask all nodes, and show their results among the matches as they arrive."""
    # A thread goes on after the request, in which the proxies mean nothing.
    live_search.begin(matchmaker_of(current_app), case_id, by=user_now())
    if match_id:
        there = url_for("matches.show", match_id=match_id, _anchor="asked", **chosen)
    else:
        there = url_for("matches.of_case", case_id=case_id, _anchor="asked", **chosen)
    return redirect(there, code=303)


@bp.get("/cases/<case_id>/asked")
def progress(case_id: CaseId) -> Response:
    """How the nodes stand and which matches there are, for a script that asks until all have answered or failed."""
    case = cases.get(mm, case_id, by=current_user).case
    beside = asking.overview(mm, case, by=current_user)
    now = beside["asking"]
    return jsonify(
        done=now is None or now.done,
        said=now.said if now else "",
        nodes=render_template("matches/_asking_nodes.html", **beside),
        overview=render_template("matches/_overview.html", **beside),
        matches=[pair.match.id for pair in beside["pairs"]],
    )
