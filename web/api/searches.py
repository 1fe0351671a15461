"""Live searches: a case asks all nodes now, and a program looks how far it is until every node answered or failed."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from marshmallow import Schema, fields

from federation import live_search
from federation.live_search import Progress
from federation.outcomes import State
from matchmaker.current import current_matchmaker as mm
from matchmaker.current import matchmaker_of
from matchmaker.model import CaseId
from matchmaker.store.searches import ASKING
from web.api.blueprint import ApiBlueprint
from web.auth import current_user, user_now

bp = ApiBlueprint("api_searches", __name__, url_prefix="", description="Searches of all nodes")
_STATES = [ASKING, *(state.value for state in State)]


class NodeSchema(Schema):
    """How one node stands; one that failed is never one without matches."""

    name = fields.String(required=True, metadata={"example": "Madrid"})
    state = fields.String(required=True, metadata={"enum": _STATES, "example": "answered"})
    seconds = fields.Float(required=True)
    results = fields.Integer(required=True)
    error = fields.String(required=True, allow_none=True)
    matches = fields.List(fields.String(), required=True, metadata={"description": "Ids, for /api/v1/matches/ID"})


class SearchSchema(Schema):
    """A search over all nodes; kept for a day, its matches for longer."""

    id = fields.String(required=True)
    case_id = fields.String(required=True)
    done = fields.Boolean(required=True, metadata={"description": "false: ask again in a second"})
    nodes = fields.List(fields.Nested(NodeSchema), required=True)


@bp.post("/cases/<case_id>/searches")
@bp.response(202, SearchSchema, headers={"Location": {"schema": {"type": "string"}}})
def begin(case_id: CaseId) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Let a case ask all nodes now; one that asks already, or asked half a minute ago, is answered with that search.

    What each node may see of the case is what its sharing and disclosure allow; a case that is not shared asks nobody.
    """
    # A thread goes on after the request, in which the proxies mean nothing.
    progress = live_search.begin(matchmaker_of(current_app), case_id, by=user_now())
    there = url_for("api_searches.show", search_id=progress.search.id)
    return _spelled(progress), 202, {"Location": there}


@bp.get("/searches/<search_id>")
@bp.response(200, SearchSchema)
def show(search_id: str) -> dict[str, Any]:
    """Show how far a search is."""
    return _spelled(live_search.look(mm, search_id, by=current_user))


def _spelled(progress: Progress) -> dict[str, Any]:
    return {**progress.to_dict(), "case_id": progress.search.case_id}
