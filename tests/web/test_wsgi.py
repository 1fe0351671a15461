"""What a server of several processes starts in each of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from web import wsgi


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A process configures its own log; this one is pytest's."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.slow
def test_process_opens_the_node_serves_it_and_closes_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Matchmaker.create(Settings(home=tmp_path / "home")).close()
    monkeypatch.setenv("MATCHMAKER_HOME", str(tmp_path / "home"))

    app = wsgi.create()
    try:
        assert app.test_client().get("/health/ready").status_code == 200
    finally:
        wsgi.close()
