"""For whoever watches or finds this node: is it alive, is it ready, what is it. No page, no token; counts if near."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import Any

import structlog
from flask import Blueprint, Response, request

from federation import strict_json, watching
from matchmaker import __version__
from matchmaker.errors import MatchmakerError, Unavailable, Unwritable
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode
from matchmaker.store import marks

_WRITTEN = "ready"
_LEAST_FREE = 64 * 1024  # bytes: what one page of the queue and its journal take
log = structlog.get_logger(__name__)


def blueprint(mm: Matchmaker) -> Blueprint:
    """Build `/health/live`, `/health/ready`, `/health/metrics` and `/service-info`."""
    health = Blueprint("health", __name__)
    health.add_url_rule("/health/live", "live", lambda: _answer({"status": "alive"}))
    health.add_url_rule("/health/ready", "ready", lambda: _ready(mm))
    health.add_url_rule("/health/metrics", "metrics", lambda: _metrics(mm))
    health.add_url_rule("/service-info", "service_info", lambda: _answer(service_info(mm)))
    return health


def service_info(mm: Matchmaker) -> dict[str, Any]:
    """Describe the node as GA4GH service-info 1.0.0 does."""
    settings = mm.settings
    return {
        "id": settings.node_id,
        "name": settings.node_name,
        "type": {"group": "org.ga4gh", "artifact": "matchmaker-exchange", "version": "1.1"},
        "description": "Finds rare-disease cases like one that a clinician or another node asks about.",
        "organization": {"name": settings.node_name, "url": settings.base_url},
        "contactUrl": f"mailto:{settings.mailbox}" if settings.mailbox else settings.base_url,
        "environment": "prod" if settings.mode is Mode.PRODUCTION else settings.mode.value,
        "version": __version__,
        "supportedMatchmakerExchange": f"{settings.base_url}/mme",
    }


def _ready(mm: Matchmaker) -> Response:
    """Ready is who could answer a match request now: database, reference data and index, and room to record it."""
    try:
        mm.index()
        _write(mm)
    except MatchmakerError as error:
        log.warning("not ready", exc_info=error)
        return _answer({"status": "not ready", "message": str(error)}, status=503)
    return _answer({"status": "ready"})


def _metrics(mm: Matchmaker) -> Response:
    """Tell Prometheus, on this machine or in a private network; nobody else."""
    if not watching.is_near(request.remote_addr):
        return _answer({"message": "only for this machine and private networks"}, status=403)
    try:
        return Response(watching.exposition(mm), content_type=watching.CONTENT_TYPE)
    except MatchmakerError as error:
        log.warning("no metrics", exc_info=error)
        return _answer({"message": str(error)}, status=503)


def _write(mm: Matchmaker) -> None:
    """Write as an answer does; a database that others keep busy is none that cannot be written."""
    try:
        with mm.transaction() as db:
            marks.put(db, _WRITTEN, dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
    except Unwritable:
        raise
    except Unavailable as error:
        log.info("readiness not written", exc_info=error)
    free = shutil.disk_usage(mm.settings.home).free
    if free < _LEAST_FREE:
        raise Unwritable(f"home {mm.settings.home}", "the disk is full", "free some space; nothing accepted is lost")


def _answer(said: dict[str, Any], *, status: int = 200) -> Response:
    return Response(strict_json.dumps(said), status=status, content_type="application/json")
