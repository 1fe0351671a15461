"""Matchmaker Exchange for other nodes: `/mme/match`, `/mme/heartbeat`, `/mme/metrics`.

Whatever is wrong is found in one order (MME.md, The protocol): address and method, token, media type, budget, size,
JSON, content; so that nothing is told to who has no token, and nothing is read from who may not ask now.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from federation import admission, counters, media_type, receipts, strict_json
from federation.admission import Admitted, BodyTooLarge, OverBudget
from federation.media_type import NEWEST, NotAcceptable, UnsupportedMediaType, vendor_type
from federation.signatures import Message
from federation.strict_json import NotJson
from matchmaker.errors import Invalid, MatchmakerError, Unauthorised, Unavailable, Unwritable
from matchmaker.service import Matchmaker
from matchmaker.store.budgets import Period

log = structlog.get_logger(__name__)

STATUS: dict[type[MatchmakerError], int] = {
    NotJson: 400,
    Unauthorised: 401,
    NotAcceptable: 406,
    BodyTooLarge: 413,
    UnsupportedMediaType: 415,
    Invalid: 422,
    OverBudget: 429,
    Unwritable: 507,
    Unavailable: 503,
}


def blueprint(mm: Matchmaker) -> Blueprint:
    """Build the three addresses; the application that takes them answers 404 and 405 in JSON too."""
    mme = Blueprint("mme", __name__, url_prefix="/mme")
    for path, method, view in (
        ("/match", "POST", lambda: _match(mm.pinned())),
        ("/heartbeat", "GET", lambda: _heartbeat(mm)),
        ("/metrics", "GET", lambda: _metrics(mm)),
    ):
        options: dict[str, Any] = {"methods": [method], "strict_slashes": False, "provide_automatic_options": False}
        mme.add_url_rule(path, path.strip("/"), _timed(view), **options)
    mme.register_error_handler(MatchmakerError, _expected)
    mme.register_error_handler(HTTPException, of_http)
    mme.register_error_handler(Exception, _unexpected)
    return mme


def create_app(mm: Matchmaker) -> Flask:
    """Build an application of these addresses and nothing else."""
    app = Flask("federation")
    app.register_blueprint(blueprint(mm))
    app.register_error_handler(HTTPException, of_http)
    return app


def _match(mm: Matchmaker) -> Response:
    with _admitted(mm, "match") as admitted:
        version = media_type.negotiate(request.headers.get("Content-Type"), request.headers.get("Accept"))
        admission.refuse_over_budget(admitted, mm.settings)
        body = admission.read_body(request.stream, request.content_length)
        admission.require_signature(mm, admitted, signed_message(), body)
        answer = receipts.answer(mm, body, admitted, seconds=_seconds)
        return Response(answer, content_type=vendor_type(version))


def _heartbeat(mm: Matchmaker) -> Response:
    return _report(mm, "heartbeat", lambda: counters.heartbeat(mm))


def _metrics(mm: Matchmaker) -> Response:
    return _report(mm, "metrics", lambda: counters.metrics(mm, today=dt.datetime.now(dt.UTC).date()))


def _report(mm: Matchmaker, kind: str, make: Callable[[], dict[str, Any]]) -> Response:
    with _admitted(mm, kind) as admitted:
        content_type = media_type.answer_type(request.headers.get("Content-Type"), request.headers.get("Accept"))
        admission.refuse_over_budget(admitted, mm.settings, periods=(Period.MINUTE,))
        admission.require_signature(mm, admitted, signed_message(), b"")
        report = make()
        receipts.report(mm, admitted, kind, seconds=_seconds)
        return Response(strict_json.dumps(report), content_type=content_type)


@contextmanager
def _admitted(mm: Matchmaker, kind: str) -> Iterator[Admitted]:
    """Find who asks; whatever is refused to a known node afterwards is on record before it hears of it."""
    with mm.reading() as db:
        admitted = admission.admit(db, request.headers.get("X-Auth-Token"), at=dt.datetime.now(dt.UTC))
    try:
        yield admitted
    except Unavailable:
        raise  # there is nowhere to write it down
    except Exception as error:
        receipts.refuse(mm, admitted, kind, error=error, status=status_of(error), seconds=_seconds())
        raise


def _timed(view: Callable[[], Response]) -> Callable[[], Response]:
    def timed() -> Response:
        g.began = time.perf_counter()
        return view()

    return timed


def signed_message() -> Message:
    """Return the request as a node of our own kind signed it."""
    return Message.of(request.method, request.path, dict(request.headers))


def _seconds() -> float:
    began: float = g.began
    return time.perf_counter() - began


def status_of(error: Exception) -> int:
    """Return the HTTP status of what went wrong."""
    if isinstance(error, HTTPException):
        return error.code or 500
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def _expected(error: MatchmakerError) -> Response:
    body: dict[str, Any] = {"message": str(error)}
    if isinstance(error, Invalid):
        body["errors"] = [asdict(issue) for issue in error.issues]
    if isinstance(error, NotAcceptable):
        body["supportedVersions"] = error.supported_versions
    answer = _refusal(status_of(error), body)
    if isinstance(error, OverBudget | Unavailable) and not isinstance(error, Unwritable):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def of_http(error: HTTPException) -> Response:
    """Answer an address, method or body that Flask itself refuses; the application hands on what is below /mme."""
    answer = _refusal(error.code or 500, {"message": error.description or error.name})
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            answer.headers[name] = value
    return answer


def _unexpected(error: Exception) -> Response:
    log.error("request failed", endpoint=request.endpoint, exc_info=error)
    return _refusal(500, {"message": "this is an error of ours, and it is in our log: try again later"})


def _refusal(status: int, body: dict[str, Any]) -> Response:
    # MME 1.1, Versioning: the type of the newest version stands on every answer, refusals too.
    matching = request.path.rstrip("/").endswith("/match")
    content_type = vendor_type(NEWEST) if matching else media_type.JSON
    return Response(strict_json.dumps(body), status=status, content_type=content_type)
