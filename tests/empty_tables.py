"""An empty database of this program's tables, made once a process: running the migrations takes a while."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from matchmaker.keys import Keys
from matchmaker.store import engine, schema


def make(url: str, folder: Path) -> None:
    """Make the tables in a database; the keys that this takes go into the folder."""
    engine.make_file(url)
    made = engine.open_engine(url, Keys.create(folder / "keys"))
    schema.upgrade(made)
    made.dispose()  # closing the last connection moves SQLite's log into the file


def in_home(home: Path) -> Path:
    """Make a home in which there is nothing but the tables, where a new node finds them; leave one that is there."""
    path = home / "matchmaker.sqlite"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        copy(path)
    return home


def copy(path: Path) -> None:
    """Write an SQLite file that holds the tables."""
    path.write_bytes(_file())
    path.chmod(0o600)


@cache
def _file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite"
        make(f"sqlite:///{path}", path.parent)
        return path.read_bytes()
