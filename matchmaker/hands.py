"""huey, which nudges the worker after a commit and keeps its timetable.

A nudge is a hint and carries nothing: what must happen stands in the table `work`, and a worker that heard no nudge
looks there once a minute. So a queue that is full, locked or lost costs a minute and no work.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from typing import Any

from huey import SqliteHuey, crontab
from huey.consumer import Consumer
from huey.serializer import SignedSerializer

from matchmaker.errors import Unavailable
from matchmaker.service import Matchmaker
from matchmaker.store import faults

POLL_SECONDS = 1.0  # how late a nudge is felt at most
STOP_SECONDS = 10.0
log = logging.getLogger(__name__)


def nudge(mm: Matchmaker) -> None:
    """Let a worker look at once. Call it after the commit, never inside the transaction."""
    try:
        Hands(mm).nudge()
    except (sqlite3.Error, Unavailable) as error:
        log.warning("nudge lost: %s", type(error).__name__)


class Hands:
    """The queue of one node, which lies in its home; several processes may hold it."""

    def __init__(self, mm: Matchmaker, *, drain: Callable[[], None] = lambda: None) -> None:
        """Hold the queue; `drain` does what is due, and who only nudges needs none."""
        self._huey = _queue(mm)
        self._drain = drain
        self.nudge: Callable[[], object] = self._huey.task(name="drain")(self.drain)

    def drain(self) -> None:
        """Do what is due; huey calls this, here or in another process."""
        self._drain()

    def every(self, minutes: int, name: str, task: Callable[[], object]) -> None:
        """Put a task on the timetable of whoever runs the consumer."""
        self._huey.periodic_task(crontab(minute=f"*/{minutes}"), name=name)(task)

    def consumer(self) -> Consumer:
        """Threads that listen to nudges and the timetable; start and stop them."""
        return _Listener(self._huey, workers=2, max_delay=POLL_SECONDS, shutdown_timeout=STOP_SECONDS)


def _queue(mm: Matchmaker) -> Any:
    path = mm.settings.home / "queue.sqlite"
    # huey's messages are pickles: signed, so that only who holds the node's keys can make one.
    signed = SignedSerializer(secret=mm.keys.pseudonym("queue"))
    try:
        return SqliteHuey("matchmaker", filename=str(path), results=False, serializer=signed)
    except sqlite3.Error as error:
        raise faults.unavailable(f"the queue {path}", error) from error


class _Listener(Consumer):  # type: ignore[misc]
    """A consumer that leaves signals to the process that it runs in."""

    def _set_signal_handlers(self) -> None:
        pass
