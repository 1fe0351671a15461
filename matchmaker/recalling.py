"""Reads the newest cases beforehand, while nobody waits: the first answer about a case would otherwise take longer."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from matchmaker import matching_terms
from matchmaker.errors import MatchmakerError
from matchmaker.recent import MOST
from matchmaker.service import Matchmaker
from matchmaker.store import found
from matchmaker.traffic import Traffic

AT_ONCE = 20  # cases, between two looks at who is waiting
_STOP_SECONDS = 10.0
# An answer makes some ten thousand objects, which all go with it: looking through them took a tenth of its time.
_GARBAGE = (50_000, 20, 100)
log = structlog.get_logger(__name__)


@contextmanager
def recalling(mm: Matchmaker, *, traffic: Traffic | None = None) -> Iterator[None]:
    """Read beside the body; requests go first. Meanwhile the process looks for garbage more rarely."""
    usual = gc.get_threshold()
    gc.set_threshold(*_GARBAGE)
    stopping = threading.Event()
    thread = threading.Thread(target=_recall, args=(mm, stopping, traffic), name="recalling", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(_STOP_SECONDS)
        gc.set_threshold(*usual)


def recall(mm: Matchmaker, *, stopping: threading.Event, traffic: Traffic | None = None) -> int:
    """Read as many of the newest cases as are kept; return how many were read."""
    index = mm.index()
    with mm.reading() as db:
        newest = found.newest(db, MOST)
    n_read = 0
    for start in range(0, len(newest), AT_ONCE):
        if traffic is not None:
            traffic.let_pass(stopping)
        if stopping.is_set():
            break
        with mm.reading() as db:
            loaded = mm.recent.load(db, newest[start : start + AT_ONCE])
        for case_id in loaded:
            profile = index.profile(case_id)
            if profile is not None:
                mm.scorer.recall(profile)
                matching_terms.recall(mm, profile)
        n_read += len(loaded)
    return n_read


def _recall(mm: Matchmaker, stopping: threading.Event, traffic: Traffic | None) -> None:
    try:
        if recall(mm, stopping=stopping, traffic=traffic) and traffic is not None:
            traffic.let_pass(stopping)
            gc.freeze()  # what was read stays: to look through it for garbage would hold an answer up
    except MatchmakerError as error:
        # Each request reads what it needs; whatever is wrong shows there.
        log.warning("cases not read beforehand", error=type(error).__name__)
