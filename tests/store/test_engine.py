from __future__ import annotations

import datetime as dt
import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from matchmaker.errors import SettingsError, Unavailable
from matchmaker.keys import Keys
from matchmaker.service import Matchmaker
from matchmaker.store import cases, engine
from tests.builders import a_case, a_feature

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def insert(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        cases.insert_all(db, [a_case()], at=NOW)


def count(mm: Matchmaker) -> int:
    with mm.reading() as db:
        return len(list(cases.list_(db)))


def test_sqlite_is_durable_and_forgets_what_is_deleted(sqlite_mm: Matchmaker) -> None:
    with sqlite_mm.transaction() as db:
        pragmas = {
            name: db.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        }

    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 30_000,
    }


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_waits_for_the_disk(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        assert db.scalar(text("SHOW synchronous_commit")) == "on"
        assert db.scalar(text("SHOW TimeZone")) == "UTC"


def test_database_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"

    engine.make_file(f"sqlite:///{path}")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_path_with_odd_characters_is_that_path(tmp_path: Path) -> None:
    path = tmp_path / "100% a?b#c ü.sqlite"
    url = f"sqlite:///{tmp_path}/100%25 a%3Fb#c ü.sqlite"

    engine.make_file(url)
    made = engine.open_engine(url, Keys.create(tmp_path / "keys"))
    with engine.reading(made) as db:
        assert db.scalar(text("SELECT 1")) == 1
    made.dispose()

    assert path.exists()


def test_readers_do_not_wait_for_a_writer_and_see_one_moment(mm: Matchmaker) -> None:
    insert(mm)

    with mm.reading() as reader, mm.transaction() as writer:
        assert len(list(cases.list_(reader))) == 1
        cases.insert_all(writer, [a_case()], at=NOW)
        assert count(mm) == 1
    assert count(mm) == 2

    with mm.reading() as reader:
        assert len(list(cases.list_(reader))) == 2
        insert(mm)
        assert len(list(cases.list_(reader))) == 2


def test_what_fails_leaves_nothing_behind(mm: Matchmaker) -> None:
    def fail() -> None:
        with mm.transaction() as db:
            cases.insert_all(db, [a_case()], at=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert count(mm) == 0


def test_error_of_a_statement_does_not_show_its_values(mm: Matchmaker) -> None:
    case = a_case(features=[a_feature("HP:7654321")])

    with pytest.raises(Unavailable) as caught, mm.transaction() as db:
        cases.insert_all(db, [case, case], at=NOW)

    assert "HP:7654321" not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x", "not a url", "sqlite+nothing"]
)
def test_database_that_cannot_serve_is_a_setting_to_mend(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MATCHMAKER_DATABASE_URL"):
        engine.open_engine(url, Keys.create(tmp_path / "keys"))


def test_database_that_was_moved_away_takes_no_more_writes(sqlite_mm: Matchmaker) -> None:
    insert(sqlite_mm)
    path = Path(sqlite_mm.settings.database.removeprefix("sqlite:///"))
    path.rename(path.with_suffix(".away"))

    with pytest.raises(Unavailable, match="was moved or deleted"):
        insert(sqlite_mm)
    with pytest.raises(Unavailable, match="is not there"):
        insert(sqlite_mm)
    assert not path.exists()

    path.with_suffix(".away").rename(path)
    insert(sqlite_mm)
    assert count(sqlite_mm) == 2


def test_database_that_was_replaced_is_noticed(sqlite_mm: Matchmaker) -> None:
    path = Path(sqlite_mm.settings.database.removeprefix("sqlite:///"))
    path.rename(path.with_suffix(".away"))
    os.close(os.open(path, os.O_CREAT | os.O_RDWR))

    with pytest.raises(Unavailable, match="was moved or deleted"):
        insert(sqlite_mm)
