"""Background work: matching cases after they changed, asking nodes whether they are there.

A task is a row that is claimed with a lease. It may run twice, and what it does must not mind.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Iterator

import structlog

from federation import nodes
from federation.client import client_of
from matchmaker import matching
from matchmaker.actors import SYSTEM
from matchmaker.errors import MatchmakerError, NotFound
from matchmaker.hands import Hands
from matchmaker.service import Matchmaker
from matchmaker.store import work
from matchmaker.store.work import Claim, Kind

AT_ONCE = 10  # claimed together: far less than a lease of work
HEARTBEAT_MINUTES = 5
log = structlog.get_logger(__name__)


@contextlib.contextmanager
def background(mm: Matchmaker) -> Iterator[None]:
    """Work while the body runs; at its end, finish what was begun."""
    stopping = threading.Event()
    hands = Hands(mm, drain=lambda: _drained(mm, stopping))
    hands.every(1, "look", hands.drain)
    hands.every(HEARTBEAT_MINUTES, "heartbeats", lambda: ask_heartbeats(mm, stopping=stopping))
    consumer = hands.consumer()
    hands.nudge()  # what was due when the last worker stopped
    consumer.start()
    try:
        yield
    finally:
        stopping.set()
        consumer.stop(graceful=True)


def drain(mm: Matchmaker, *, stopping: threading.Event | None = None) -> int:
    """Do the work that is due until there is none or we are asked to stop; return how many tasks were done."""
    n_done = 0
    while True:
        with mm.transaction() as db:
            claims = work.claim(db, [Kind.MATCH], at=_now(), limit=AT_ONCE)
        if not claims:
            return n_done
        for claimed in claims:
            if stopping is not None and stopping.is_set():
                return n_done  # what was claimed and not begun is free again when its lease ends
            n_done += _do(mm, claimed)


def ask_heartbeats(mm: Matchmaker, *, stopping: threading.Event | None = None) -> None:
    """Ask every node that we may ask whether it is there; how it went is recorded with the node."""
    client = client_of(mm)
    for node in nodes.list_(mm):
        if stopping is not None and stopping.is_set():
            return
        if node.enabled and node.base_url is not None:
            with contextlib.suppress(NotFound):  # removed meanwhile
                found = nodes.ask_heartbeat(mm, node.name, client=client, by=SYSTEM)
                log.info("heartbeat", state=found.state, seconds=round(found.seconds, 3))


def _drained(mm: Matchmaker, stopping: threading.Event) -> None:
    """Drain for huey, where an error would only end in its log."""
    try:
        n_done = drain(mm, stopping=stopping)
    except MatchmakerError as error:
        log.error("work cannot be read", error=type(error).__name__)
        return
    if n_done:
        log.info("work done", tasks=n_done)


def _do(mm: Matchmaker, claimed: Claim) -> bool:
    """Do one task; what fails is tried again later, and costs no other task."""
    try:
        matching.match_case(mm, claimed.task.case_id)
    except NotFound:
        pass  # erased meanwhile: nothing is left to do
    except Exception as error:
        log.exception("task failed", kind=claimed.task.kind, attempts=claimed.attempts)
        with mm.transaction() as db:
            work.fail(db, claimed, error=type(error).__name__, at=_now())
        return False
    with mm.transaction() as db:
        return work.complete(db, claimed)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
