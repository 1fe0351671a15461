"""Jobs that take longer than a page waits: begun by one request, done in a thread, watched by any process.

A job whose process dies says nothing more and is shown as interrupted; what it had not finished left nothing behind.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from matchmaker.errors import MatchmakerError, Unavailable
from matchmaker.service import Matchmaker
from matchmaker.store import jobs as stored
from matchmaker.store.jobs import Job, Kind, State
from matchmaker.texts import gettext as _

KEPT = dt.timedelta(days=30)
_BEAT_SECONDS = 1.0
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Progress:
    """How far a job is; the job writes it, and another thread reads it."""

    n_done: int = 0

    def reached(self, n_done: int) -> None:
        """Say how many are done by now."""
        self.n_done = n_done


Work = Callable[[Progress], bytes | None]


def begin(mm: Matchmaker, kind: Kind, about: str, work: Work) -> Job:
    """Begin a job in the background and return at once.

    Raises
    ------
    Unavailable
        When one is under way: each takes a release's worth of memory and a processor.
    """
    at = _now()
    with mm.transaction() as db:
        for job in stored.latest(db, limit=1):
            if job.state(at) is State.RUNNING:
                raise Unavailable(
                    "releases", _("another %(kind)s is under way", kind=job.kind), _("wait until it is done")
                )
        begun = stored.begin(db, kind, about, at=at)
    threading.Thread(target=_run, args=(mm, begun, work), name=f"{kind} {begun.id}", daemon=True).start()
    return begun


def _run(mm: Matchmaker, job: Job, work: Work) -> None:
    progress, ended = Progress(), threading.Event()
    beating = threading.Thread(target=_beat, args=(mm, job, progress, ended), name=f"beat {job.id}", daemon=True)
    beating.start()
    outcome, error = None, None
    try:
        outcome = work(progress)
    except MatchmakerError as fault:
        error = str(fault)
    except Exception:
        log.exception("job failed")
        error = "this is an error of ours: it is in the log of the node"
    finally:
        ended.set()
        beating.join()
    try:
        with mm.transaction() as db:
            stored.finish(db, job.id, n_done=progress.n_done, at=_now(), outcome=outcome, error=error)
            stored.forget_before(db, _now() - KEPT)
    except Unavailable:
        log.exception("the end of a job is not written")


def _beat(mm: Matchmaker, job: Job, progress: Progress, ended: threading.Event) -> None:
    while not ended.wait(_BEAT_SECONDS):
        mm.note(lambda db: stored.beat(db, job.id, n_done=progress.n_done, at=_now()))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
