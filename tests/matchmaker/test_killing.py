from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from matchmaker import audit, cases
from matchmaker.actors import SYSTEM
from matchmaker.service import Matchmaker
from matchmaker.store import clock, work
from tests.matchmaker.importing_process import BATCH

ROUNDS = 5


@pytest.mark.slow
def test_killing_the_process_while_it_imports_loses_no_acknowledged_case(mm: Matchmaker) -> None:
    acknowledged: set[str] = set()
    chance = random.Random(20260301)
    for round_ in range(ROUNDS):
        acknowledged |= import_and_kill(mm, f"round{round_}", after=chance.uniform(0.05, 0.6))

    stored = [one.case.local_id for one in cases.list_(mm, by=SYSTEM)]
    assert acknowledged
    assert acknowledged <= set(stored)
    # What was committed and not yet acknowledged may be there as well, but never half a batch.
    assert len(stored) % BATCH == 0
    assert len(stored) - len(acknowledged) <= BATCH * ROUNDS
    with mm.reading() as db:
        assert audit.first_broken(db) is None
        assert work.count(db) == {"match": len(stored)}
        assert clock.read(db).revision == len(stored) // BATCH


def import_and_kill(mm: Matchmaker, prefix: str, *, after: float) -> set[str]:
    """Start an import, kill it a while after its first acknowledgement, return what it acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.matchmaker.importing_process", mm.settings.home, mm.settings.database, prefix],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    # A line without its end was cut by the kill: the caller never saw all of it.
    return {line.decode().strip() for line in (first + rest).splitlines(keepends=True) if line.endswith(b"\n")}
