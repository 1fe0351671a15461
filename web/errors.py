"""What a person or a program sees when something went wrong: a page, or a JSON object with `message` and `errors`."""

from __future__ import annotations

import math
from dataclasses import asdict

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

import federation.server
from federation.strict_json import NotJson
from matchmaker import errors, texts
from matchmaker.texts import later
from web import patient_matcher
from web.api.problems import issues_of, problem

MME = "/mme"
API = "/api/"
FOR_PROGRAMS = ("/health/", "/service-info")
STATUS: dict[type[errors.MatchmakerError], int] = {
    NotJson: 400,
    errors.Invalid: 422,
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Unauthorised: 401,
    errors.Stale: 409,
    errors.TooOften: 429,
    errors.Unwritable: 507,  # what was accepted is kept, and reading goes on
    errors.Unavailable: 503,
    errors.NodeError: 502,
}
_FOR_PEOPLE = {
    400: later("What was sent cannot be understood: go back, and try again."),
    403: later("This page is not for your account."),
    404: later("There is nothing at this address: check it, or begin at the first page."),
    405: later("Nothing can be sent to this address: begin at the first page."),
}
log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Answer every error, expected or not."""
    app.register_error_handler(errors.MatchmakerError, _expected)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _unexpected)


def _expected(error: errors.MatchmakerError) -> Response:
    status = next((STATUS[cls] for cls in type(error).__mro__ if cls in STATUS), 500)
    issues = error.issues if isinstance(error, errors.Invalid) else ()
    answer = _answer(status, str(error), issues)
    if isinstance(error, errors.TooOften):
        answer.headers["Retry-After"] = str(math.ceil(error.wait.total_seconds()))
    if isinstance(error, errors.Unavailable) and not isinstance(error, errors.Unwritable):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _of_http(error: HTTPException) -> Response:
    if request.path.startswith(MME):
        return federation.server.of_http(error)
    if isinstance(error, SecurityError):
        # No link can be made for a host that is not ours, and so no page.
        return Response("This node does not answer to that name.\n", status=400, content_type="text/plain")
    messages = getattr(error, "data", {}).get("messages")  # of a body that fits no schema
    said = _too_large() if isinstance(error, RequestEntityTooLarge) else _in_our_words(error)
    answer = _answer(error.code or 500, said, tuple(issues_of(messages or {})))
    # Allow of a 405, Retry-After of a 429, Location of a redirect.
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            answer.headers[name] = value
    return answer


def _in_our_words(error: HTTPException) -> str:
    """What the libraries say in English only, for people; what a view said itself stands."""
    if isinstance(error, CSRFError):
        return texts.gettext("The session changed since this page was opened: load it again, and send it once more.")
    own = error.description != type(error).description
    for_people = not request.path.startswith((API, *FOR_PROGRAMS))
    said = _FOR_PEOPLE.get(error.code or 500) if for_people and not own else None
    return texts.gettext(said) if said else error.description or error.name


def _too_large() -> str:
    limit = (request.max_content_length or 0) // 2**20
    return texts.gettext("What was sent is larger than %(limit)s MB, and was not read: send less at once.", limit=limit)


def _unexpected(error: Exception) -> Response:
    log.error("request failed", endpoint=request.endpoint, exc_info=error)
    said = texts.gettext("This is an error of ours: it is in the log of the node. Nothing that was accepted is lost.")
    return _answer(500, said)


def _answer(status: int, message: str, issues: tuple[errors.Issue, ...] = ()) -> Response:
    if request.path.startswith(patient_matcher.PREFIX):
        return patient_matcher.refusal(status, message)
    if request.path.startswith(API):
        answer = problem(status, message, issues)
        if status == patient_matcher.UNAUTHORISED:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    if request.path.startswith(FOR_PROGRAMS):
        answer = jsonify({"message": message, **({"errors": [asdict(issue) for issue in issues]} if issues else {})})
    else:
        answer = make_response(render_template("error.html", status=status, message=message, issues=issues))
    answer.status_code = status
    return answer
