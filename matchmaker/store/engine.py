"""Opening the database, and the one way to a transaction.

Writing transactions begin IMMEDIATE on SQLite, so that two writers queue instead of failing halfway; reading ones see
one snapshot on both databases and never wait for a writer.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Executable, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from matchmaker.errors import SettingsError, Unavailable
from matchmaker.keys import Keys
from matchmaker.store import clock, faults
from matchmaker.store.tables import AnyRow

__all__ = [
    "Connection",  # what store functions take first; those who call them name it from here
    "Engine",
    "changing_tables",
    "keys_of",
    "make_file",
    "open_engine",
    "reading",
    "stream",
    "transaction",
    "truncate_log",
    "writing",
]

_BUSY_SECONDS = 30.0
_ROWS_AT_ONCE = 500
_CHECKPOINT_MILLISECONDS = 2000
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
)
_POSTGRESQL_OPTIONS = "-c synchronous_commit=on -c timezone=UTC -c lock_timeout=30s"


def open_engine(database_url: str, keys: Keys) -> Engine:
    """Prepare connections to the database; nothing is opened yet. Every connection carries the keys (`keys_of`).

    Errors show statements without their parameters: those are somebody's symptoms.
    """
    try:
        url = make_url(database_url)
        if url.get_backend_name() == "sqlite":
            engine = _sqlite_engine(url)
        elif url.get_backend_name() == "postgresql":
            engine = create_engine(
                url,
                hide_parameters=True,
                pool_pre_ping=True,
                pool_size=10,
                connect_args={"options": _POSTGRESQL_OPTIONS, "connect_timeout": 5},
            )
        else:
            raise SettingsError("MATCHMAKER_DATABASE_URL", "must be sqlite:/// or postgresql+psycopg://")
    except ArgumentError as error:
        raise SettingsError("MATCHMAKER_DATABASE_URL", "cannot be read as a database URL") from error
    return engine.execution_options(matchmaker_keys=keys)


def make_file(database_url: str) -> None:
    """Make an empty SQLite file that only its owner can read; one that is there stays. PostgreSQL needs nothing."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return
    path = _path(url)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise Unavailable(f"database {path}", error.strerror or "cannot be made", "make its folder writable") from error


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Write: commits at the end, and takes the clock last, for all cases changed inside."""
    with writing(engine) as db:
        yield db
        clock.stamp(db)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Write where there may be no clock yet."""
    with faults.reported(), engine.begin() as db:
        yield db


@contextmanager
def changing_tables(engine: Engine) -> Iterator[Connection]:
    """Write the tables themselves.

    SQLite changes one by copying it and dropping the old one, by which all rows that refer to it would go: references
    are looked at when all is done, and what then leads nowhere undoes everything.
    """
    with faults.reported(), engine.connect() as plain:
        db = plain.execution_options(matchmaker_changing_tables=True)
        try:
            with db.begin():
                yield db
                if db.dialect.name == "sqlite" and db.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                    raise Unavailable("the database", "rows would refer to others that are gone", "restore a backup")
        finally:
            if db.dialect.name == "sqlite" and not db.closed and not db.invalidated:
                driver: Any = db.connection.driver_connection
                driver.execute("PRAGMA foreign_keys = ON")  # not within a transaction, where it would do nothing


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Read one consistent snapshot; waits for no writer, and works on a full or read-only disk."""
    with faults.reported(), engine.connect() as plain:
        yield plain.execution_options(**_READING[engine.dialect.name])


def keys_of(db: Connection) -> Keys:
    """Return the keys of the node that this connection belongs to."""
    keys: Keys = db.get_execution_options()["matchmaker_keys"]
    return keys


def stream(db: Connection, query: Executable) -> Iterator[AnyRow]:
    """Yield the rows of a large result as they are needed; who stops early leaves no cursor open."""
    with db.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE}) as result:
        yield from result


def truncate_log(engine: Engine) -> bool:
    """Move SQLite's write-ahead log into the database and empty it, so that erased bytes are in neither.

    False when a reader still needs the log; whoever checkpoints next empties it.
    """
    if engine.dialect.name != "sqlite":
        return True
    with faults.reported():
        raw = engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_MILLISECONDS}")
            busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            cursor.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000:.0f}")
        finally:
            raw.close()
    return not busy


_READING: dict[str, dict[str, Any]] = {
    "sqlite": {"matchmaker_reading": True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}


def _path(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise SettingsError(
            "MATCHMAKER_DATABASE_URL", "must name a file: a database in memory is lost with the process"
        )
    return Path(url.database).absolute()


def _sqlite_engine(url: URL) -> Engine:
    path = _path(url)
    # mode=rw: a database that is gone is an error; SQLite would otherwise make an empty one in its place.
    uri = f"file:{quote(str(path))}?mode=rw"

    def connect() -> sqlite3.Connection:
        if not path.exists():
            raise Unavailable(f"database {path}", "it is not there", "run `matchmaker init`, or put it back")
        asked = f"{uri}&immutable=1" if _cannot_change(path) else uri
        return sqlite3.connect(asked, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)

    # The last connection first: what it read is still in its memory, unless another one wrote since.
    engine = create_engine(url, creator=connect, hide_parameters=True, pool_use_lifo=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: Any) -> None:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        record.info["inode"] = path.stat().st_ino

    @event.listens_for(engine, "checkout")
    def check_file(connection: sqlite3.Connection, record: Any, proxy: Any) -> None:
        # An open file that was deleted or replaced still takes writes, which nobody would ever see again.
        if _inode(path) != record.info["inode"]:
            record.invalidate()
            raise Unavailable(f"database {path}", "it was moved or deleted", "put it back and start again")

    @event.listens_for(engine, "begin")
    def begin(db: Connection) -> None:
        # With isolation_level=None the driver begins nothing by itself; its own BEGIN would be a deferred one.
        options = db.get_execution_options()
        if options.get("matchmaker_changing_tables"):
            db.exec_driver_sql("PRAGMA foreign_keys = OFF")
        db.exec_driver_sql("BEGIN" if options.get("matchmaker_reading") else "BEGIN IMMEDIATE")

    return engine


def _cannot_change(path: Path) -> bool:
    """Say whether the file is complete and on a read-only disk, where WAL's shared memory cannot be made to read it."""
    return not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None
