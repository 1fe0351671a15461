"""The addresses of patientMatcher, for its clients: patients, matches, nodes.

A client of patientMatcher sends its token as X-Auth-Token, which no browser does: with it these addresses lead here,
and without it `/matches/ID` is a page. `/patientmatcher` before them leads here always.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request

from federation import patient_matcher, strict_json
from federation.importing import Defaults
from federation.media_type import JSON
from matchmaker.current import current_matchmaker as mm
from matchmaker.current import matchmaker_of
from web.api import bodies
from web.auth import current_user, stated_by_token, user_now

PREFIX = "/patientmatcher"
UNAUTHORISED = 401
# The sentences of patientMatcher 4.7, as JSON texts.
SENTENCES = {
    400: "Invalid request JSON",
    401: "Not authorized",
    422: "Request does not conform to API specifications",
}
ADDRESSES = re.compile(r"/patient/|/matches/|/match(?:/external/[^/]+)?/?\Z|/nodes/?\Z")
_TYPES = (JSON, *bodies.MME)
_Environment = dict[str, Any]
bp = Blueprint("patient_matcher", __name__, url_prefix=PREFIX)


def offer(app: Flask) -> None:
    """Serve patientMatcher's addresses beside the pages'."""
    inner: Callable[[_Environment, Any], Iterable[bytes]] = app.wsgi_app

    def led(environment: _Environment, start_response: Any) -> Iterable[bytes]:
        if "HTTP_X_AUTH_TOKEN" in environment and ADDRESSES.match(environment.get("PATH_INFO", "")):
            environment = {**environment, "PATH_INFO": PREFIX + environment["PATH_INFO"]}
        return inner(environment, start_response)

    app.wsgi_app = led  # type: ignore[method-assign,assignment]
    app.register_blueprint(bp)


def refusal(status: int, message: str) -> Response:
    """Refuse as patientMatcher does, in one sentence."""
    answer = _answer(SENTENCES.get(status, message), status=status)
    if status == UNAUTHORISED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


@bp.post("/patient/add")
def add() -> Response:
    """Store a patient, or update the one with this id."""
    sharing, basis = stated_by_token()
    defaults = Defaults(sharing=sharing, basis=basis)
    return _answer(patient_matcher.add(mm, bodies.body(*_TYPES), by=current_user, defaults=defaults))


@bp.delete("/patient/delete/<patient_id>")
def delete(patient_id: str) -> Response:
    """Erase a patient and its matches."""
    return _answer(patient_matcher.delete(mm, patient_id, by=current_user))


@bp.get("/patient/<patient_id>")
def patient(patient_id: str) -> Response:
    """Show a patient as it is stored."""
    found = patient_matcher.patient(mm, patient_id, by=current_user)
    return _answer(patient_matcher.no_patient(patient_id), status=404) if found is None else _answer(found)


@bp.get("/matches/<patient_id>")
def matches(patient_id: str) -> Response:
    """Show what was found for a patient."""
    return _answer(patient_matcher.matches(mm, patient_id, by=current_user))


@bp.post("/match")
def match() -> Response:
    """Match a stored patient with the others of this node now."""
    sent = bodies.body(*_TYPES)
    found = patient_matcher.match_here(mm, sent, by=current_user)
    return _answer("Add the patient first: it is not stored here", status=404) if found is None else _answer(found)


@bp.post("/match/external/<patient_id>")
def match_external(patient_id: str) -> Response:
    """Let a patient ask other nodes, and wait for their answers."""
    node = request.args.get("node") or None
    # A thread goes on after the request, in which the proxies mean nothing.
    found = patient_matcher.match_elsewhere(matchmaker_of(current_app), patient_id, node, by=user_now())
    return _answer(found)


@bp.get("/nodes")
def nodes() -> Response:
    """List the nodes that can be asked."""
    return _answer(patient_matcher.nodes(mm, by=current_user))


def _answer(said: Any, *, status: int = 200) -> Response:
    return Response(strict_json.dumps(said), status=status, content_type=JSON)
