"""A home for each test, and the command as its users call it: in this process, or as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from matchmaker.cli.main import run
from tests import empty_tables

PROGRAM = Path(sys.executable).with_name("matchmaker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The one object on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found


Command = Callable[..., Outcome]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands of this test keep their node; nothing else is set."""
    for name in [name for name in os.environ if name.startswith("MATCHMAKER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MATCHMAKER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def matchmaker(home: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process."""

    def call(*arguments: object) -> Outcome:
        capfd.readouterr()
        status = run([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Outcome(status=status, out=captured.out, err=captured.err)

    return call


@pytest.fixture
def a_process(home: Path) -> Command:
    """Run a command as a process of its own, with its output in pipes."""

    def call(*arguments: object) -> Outcome:
        done = subprocess.run(
            [PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
        )
        return Outcome(status=done.returncode, out=done.stdout, err=done.stderr)

    return call


@pytest.fixture
def node(home: Path, matchmaker: Command) -> Command:
    """Run commands on a node that is there."""
    empty_tables.in_home(home)
    assert matchmaker("init").status == 0
    return matchmaker
