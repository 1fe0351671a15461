from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy.engine import make_url

from matchmaker.service import Matchmaker
from matchmaker.store import checkpointing, marks

MARK = "a mark that stands nowhere else"


def pages_of_log(mm: Matchmaker) -> int:
    with mm.reading() as db:
        found: int = db.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one()
    return found


def test_log_is_moved_into_the_database_beside_the_writers(sqlite_mm: Matchmaker) -> None:
    file = Path(str(make_url(sqlite_mm.settings.database).database))
    before = pages_of_log(sqlite_mm)
    with checkpointing.beside(sqlite_mm.engine, every=0.02):
        assert pages_of_log(sqlite_mm) > before
        with sqlite_mm.transaction() as db:
            marks.put(db, "mark", MARK)
        until = time.monotonic() + 10
        while MARK.encode() not in file.read_bytes():
            assert time.monotonic() < until
            time.sleep(0.02)
    assert pages_of_log(sqlite_mm) == before


def test_nothing_changes_where_the_database_does_this_itself(mm: Matchmaker) -> None:
    with checkpointing.beside(mm.engine, every=0.02):
        with mm.transaction() as db:
            marks.put(db, "mark", MARK)
        with mm.reading() as db:
            assert marks.get(db, "mark") == MARK
