"""A thread of every long-running process that takes up the release which the node uses, soon after it was adopted."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

import structlog

from matchmaker.errors import MatchmakerError
from matchmaker.service import Matchmaker

SECONDS = 1.0
_AFTER_A_FAULT = 30.0
_STOP_SECONDS = 10.0
log = structlog.get_logger(__name__)


@contextlib.contextmanager
def following(mm: Matchmaker, *, then: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Look while the body runs; `then` is called after each change. What is built aside at the end is thrown away."""
    stopping = threading.Event()
    thread = threading.Thread(target=_follow, args=(mm, stopping, then), name="following", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(_STOP_SECONDS)


def _follow(mm: Matchmaker, stopping: threading.Event, then: Callable[[], object]) -> None:
    pause = SECONDS
    while not stopping.wait(pause):
        try:
            if mm.follow():
                log.info("release taken up", release=mm.release.id)
                then()
            pause = SECONDS
        except MatchmakerError as error:
            # Searches go on with the release before; the next process to start would say it in full.
            log.error("release not taken up", error=type(error).__name__)
            pause = _AFTER_A_FAULT
        except Exception:
            log.exception("release not taken up")
            pause = _AFTER_A_FAULT
