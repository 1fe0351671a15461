"""What a worker does now and then: searches that became due, what is kept for a time, consents that end."""

from __future__ import annotations

import datetime as dt

import structlog

from federation import live_search
from matchmaker import drafts, dry_runs, of_age, pausing, standing
from matchmaker.errors import MatchmakerError
from matchmaker.service import Matchmaker
from matchmaker.store import matches, messages, nonces, pairings, relays, searches

RETENTION = dt.timedelta(days=365)  # of what other nodes told (SAFETY.md, Privacy)
OUTDATED = dt.timedelta(days=30)  # after a correction, when the node never told the case anew
log = structlog.get_logger(__name__)


def keep_looking(mm: Matchmaker) -> None:
    """Make due what nothing else does: cases that a new node was never asked for, and all of them after a release."""
    try:
        n_due = standing.sweep(mm) + standing.match_again_after_a_release(mm)
    except MatchmakerError as error:
        log.error("standing searches cannot be read", error=type(error).__name__)
        return
    if n_due:
        log.info("standing searches due", tasks=n_due)


def forget(mm: Matchmaker) -> None:
    """Drop what is kept for a time: what other nodes told, unconfirmed, a year; drafts a month; live
    searches and dry runs a day."""
    try:
        with mm.transaction() as db:
            n_dropped = matches.forget_of_nodes_before(db, _now() - RETENTION)
            n_dropped += matches.forget_outdated(db, before=_now() - OUTDATED)
            searches.forget_before(db, _now() - live_search.KEPT)
            messages.forget_before(db, _now())
            relays.forget_before(db, _now())
            pairings.forget_before(db, _now())
            nonces.forget_before(db, _now())
        drafts.forget(mm, at=_now())
        dry_runs.forget(mm, at=_now())
    except MatchmakerError as error:
        log.error("old matches cannot be dropped", error=type(error).__name__)
        return
    if n_dropped:
        log.info("old matches dropped", matches=n_dropped)


def pause(mm: Matchmaker) -> None:
    """Pause cases whose person came of age and was not asked; let owners hear of it, and half a year before."""
    try:
        n_paused = pausing.pause_due(mm)
        of_age.send_due(mm)
    except MatchmakerError as error:
        log.error("cases cannot be paused", error=type(error).__name__)
        return
    if n_paused:
        log.info("cases paused", cases=n_paused)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
