"""SQLite's write-ahead log is moved into the database by a thread of its own, so that no request does it at its end.

SQLite would otherwise do it within the commit that fills the log: one answer in eight then took some ten milliseconds
longer. What is committed is on the disk either way; the log only grows longer before it is read into the database.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from matchmaker.errors import MatchmakerError
from matchmaker.store.engine import Engine

EVERY = 1.0  # seconds
_MOST_PAGES = 16_000  # some 64 MB of log, from which on the writer that fills it helps
log = logging.getLogger(__name__)


@contextmanager
def beside(engine: Engine, *, every: float = EVERY) -> Iterator[None]:
    """Take this work off the writers of this process while the body runs; PostgreSQL does it by itself."""
    if engine.dialect.name != "sqlite":
        yield
        return
    stopping = threading.Event()

    def leave_it(connection: sqlite3.Connection, record: Any) -> None:
        if not stopping.is_set():
            connection.execute(f"PRAGMA wal_autocheckpoint = {_MOST_PAGES}")

    event.listen(engine, "connect", leave_it)
    engine.dispose()  # connections that are idle now would go on as before
    thread = threading.Thread(target=_keep_short, args=(engine, stopping, every), name="checkpoints", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
        engine.dispose()


def checkpoint(engine: Engine) -> None:
    """Move as much of the log as no reader needs; waits for nobody, and nobody waits for it."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    finally:
        raw.close()


def _keep_short(engine: Engine, stopping: threading.Event, every: float) -> None:
    failing = False
    while not stopping.wait(every):
        try:
            checkpoint(engine)
            failing = False
        except (DBAPIError, sqlite3.Error, MatchmakerError) as error:
            if not failing:  # said once: a disk that is full stays so for a while
                log.warning("the log was not moved into the database: %s", type(error).__name__)
            failing = True
