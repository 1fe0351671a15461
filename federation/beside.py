"""Addresses for nodes of our own kind, beside Matchmaker Exchange: `/federation/{notices,messages,pairing}`.

They ask with the token of Matchmaker Exchange and are checked in its order: token, budget, size, JSON, content.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from federation import admission, case_notices, deliveries, paired, receipts, server, strict_json
from federation.media_type import JSON
from matchmaker.errors import Forbidden, Invalid, MatchmakerError, NotFound, TooOften, Unavailable
from matchmaker.model import Node
from matchmaker.service import Matchmaker
from matchmaker.store.budgets import Period

log = structlog.get_logger(__name__)
Heed = Callable[[Matchmaker, Node, bytes], dict[str, Any]]


def blueprint(mm: Matchmaker) -> Blueprint:
    """Build the addresses; each takes JSON and answers JSON."""
    federation = Blueprint("federation", __name__, url_prefix="/federation")
    for name, heed in (("notices", case_notices.receive), ("messages", deliveries.receive)):
        options: dict[str, Any] = {"methods": ["POST"], "provide_automatic_options": False}
        federation.add_url_rule(f"/{name}", name, lambda name=name, heed=heed: _heeded(mm, name, heed), **options)
    federation.add_url_rule("/pairing", "pairing", lambda: _paired(mm), **options)
    federation.register_error_handler(MatchmakerError, _expected)
    federation.register_error_handler(HTTPException, server.of_http)
    federation.register_error_handler(Exception, _unexpected)
    return federation


def _heeded(mm: Matchmaker, kind: str, heed: Heed) -> Response:
    """Let a known node in, do what it sent us, and put both what came and what was refused on record."""
    began = time.perf_counter()
    with mm.reading() as db:
        admitted = admission.admit(db, request.headers.get("X-Auth-Token"), at=dt.datetime.now(dt.UTC))
    try:
        admission.refuse_over_budget(admitted, mm.settings, periods=(Period.MINUTE,))
        body = admission.read_body(request.stream, request.content_length)
        admission.require_signature(mm, admitted, server.signed_message(), body)
        answer = heed(mm, admitted.node, body)
    except Unavailable:
        raise  # there is nowhere to write it down
    except Exception as error:
        seconds = time.perf_counter() - began
        receipts.refuse(mm, admitted, kind, error=error, status=_status(error), seconds=seconds)
        raise
    receipts.report(mm, admitted, kind, seconds=lambda: time.perf_counter() - began)
    return Response(strict_json.dumps(answer), content_type=JSON)


def _paired(mm: Matchmaker) -> Response:
    """Who pairs has no token yet, and proves itself by the invitation."""
    answer = paired.receive(mm, admission.read_body(request.stream, request.content_length))
    return Response(strict_json.dumps(answer), content_type=JSON)


def _status(error: Exception) -> int:
    if isinstance(error, NotFound | Forbidden):
        return 404 if isinstance(error, NotFound) else 403
    return 429 if isinstance(error, TooOften) else server.status_of(error)


def _expected(error: MatchmakerError) -> Response:
    body: dict[str, Any] = {"message": str(error)}
    if isinstance(error, Invalid):
        body["errors"] = [asdict(issue) for issue in error.issues]
    answer = Response(strict_json.dumps(body), status=_status(error), content_type=JSON)
    if isinstance(error, admission.OverBudget):
        answer.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, TooOften):
        answer.headers["Retry-After"] = str(int(error.wait.total_seconds()))
    return answer


def _unexpected(error: Exception) -> Response:
    log.error("request failed", endpoint=request.endpoint, exc_info=error)
    said = "this is an error of ours, and it is in our log: try again later"
    return Response(strict_json.dumps({"message": said}), status=500, content_type=JSON)
