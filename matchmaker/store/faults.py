"""What a database could not do, in one line that says why and what to do; by error codes, never by message texts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from matchmaker.errors import Unavailable, Unwritable

_SAFE = "nothing accepted is lost"
_FULL = ("the disk is full", f"free some space; {_SAFE}")
_READ_ONLY = ("it is read-only", f"make it writable; {_SAFE}")
_UNWRITABLE = (_FULL, _READ_ONLY)
_GONE = ("it cannot be reached", f"check that it is there and running; {_SAFE}")
_BUSY = ("it is busy", "try again")
_DAMAGED = ("it is damaged", "restore a backup")
_OLD = ("its tables are of another version", "run `matchmaker init`")

_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", f"make its folder writable; {_SAFE}"),
    sqlite3.SQLITE_IOERR: ("its disk cannot be read or written", f"check the disk and its free space; {_SAFE}"),
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}

# PostgreSQL, appendix A: class of the code, or the code where the class holds several meanings.
_SQLSTATE = {
    "53100": _FULL,
    "53": ("it has no connection or memory left", "try again"),
    "25006": _READ_ONLY,
    "08": _GONE,
    "57": _GONE,
    "3D": _GONE,
    "28": ("it refuses our sign-in", "check MATCHMAKER_DATABASE_URL"),
    "40": _BUSY,
    "55P03": _BUSY,
    "42P01": _OLD,
    "42703": _OLD,
    "58": ("its disk cannot be read or written", f"check the disk and its free space; {_SAFE}"),
    "XX": _DAMAGED,
}


_COLLISIONS: set[int | str] = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY,
    "23505",
    "23503",
    "40001",
    "40P01",
}


class Collision(Unavailable):
    """Somebody else changed the same at the same moment; nothing was changed here, and once more may succeed."""

    def __init__(self) -> None:
        super().__init__("the database", "somebody else changed the same at the same moment", "try again")


def unavailable(what: str, error: sqlite3.Error) -> Unavailable:
    """Say of a file that SQLite keeps beside the database what could not be done."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR)
    return _said(what, *_SQLITE.get(code & 0xFF, _SQLITE[sqlite3.SQLITE_IOERR]))


@contextmanager
def reported() -> Iterator[None]:
    """Turn what the driver raises into `Unavailable` or `Collision`; a mistake of ours stays what it is."""
    try:
        yield
    except DBAPIError as error:
        if _code(error) in _COLLISIONS:
            raise Collision from error
        raise _unavailable(error) from error
    except PoolTimeout as error:
        raise Unavailable("the database", *_BUSY) from error


def _code(error: DBAPIError) -> int | str:
    """Return SQLite's extended error code, or PostgreSQL's SQLSTATE."""
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return getattr(original, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return getattr(original, "sqlstate", None) or "08000"  # no state: the connection was never made, or broke


def _unavailable(error: DBAPIError) -> Unavailable:
    code = _code(error)
    # The low byte of SQLite's code is the error, the rest its detail; so are the first two letters of a SQLSTATE.
    known = _SQLITE.get(code & 0xFF) if isinstance(code, int) else _SQLSTATE.get(code) or _SQLSTATE.get(code[:2])
    if known is None:
        raise error
    return _said("the database", *known)


def _said(what: str, why: str, remedy: str) -> Unavailable:
    fault = Unwritable if (why, remedy) in _UNWRITABLE else Unavailable
    return fault(what, why, remedy)
