from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from federation.importing import import_paths
from matchmaker import audit, cases
from matchmaker.actors import SYSTEM
from matchmaker.service import Matchmaker
from matchmaker.store import clock, work
from tests.matchmaker.importing_process import BATCH

ROUNDS = 5
CONTACT = {"name": "Dr Grey", "href": "mailto:grey@hospital.example"}


@pytest.mark.slow
def test_killing_the_process_while_it_imports_loses_no_acknowledged_case(mm: Matchmaker) -> None:
    begun: set[str] = set()
    acknowledged: set[str] = set()
    chance = random.Random(20260301)
    for round_ in range(ROUNDS):
        said = import_and_kill(mm, f"round{round_}", after=chance.uniform(0.05, 0.6))
        begun |= {line.removeprefix("? ") for line in said if line.startswith("? ")}
        acknowledged |= {line for line in said if not line.startswith("? ")}

    stored = [one.case.local_id for one in cases.list_(mm, by=SYSTEM)]
    # Some batches had been acknowledged when the process was killed, and some were begun and not.
    assert acknowledged
    assert begun > acknowledged
    assert acknowledged <= set(stored) <= begun
    # What was committed and not yet acknowledged may be there as well, but never half a batch.
    assert len(stored) % BATCH == 0
    assert len(stored) - len(acknowledged) <= BATCH * ROUNDS
    with mm.reading() as db:
        assert audit.first_broken(db) is None
        assert work.count(db) == {"match": len(stored)}
        assert clock.read(db).revision == len(stored) // BATCH


def import_and_kill(mm: Matchmaker, prefix: str, *, after: float) -> set[str]:
    """Start an import, kill it a while after its first acknowledgement, return what it said."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.matchmaker.importing_process", mm.settings.home, mm.settings.database, prefix],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    first = [process.stdout.readline() for _ in range(BATCH + 1)]  # begun, and the first that is acknowledged
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    # A line without its end was cut by the kill: the caller never saw all of it.
    lines = [*first, *rest.splitlines(keepends=True)]
    return {line.decode().strip() for line in lines if line.endswith(b"\n")}


@pytest.mark.slow
def test_killed_import_keeps_whole_batches_and_importing_again_keeps_the_rest(mm: Matchmaker, tmp_path: Path) -> None:
    n_records = 20 * cases.BATCH
    file = tmp_path / "many.jsonl"
    file.write_text(
        "".join(
            json.dumps({"id": f"P-{n}", "contact": CONTACT, "features": [{"id": "HP:0001250"}]}) + "\n"
            for n in range(n_records)
        )
    )
    process = subprocess.Popen(
        [Path(sys.executable).with_name("matchmaker"), "case", "import", file],
        env={**os.environ, "MATCHMAKER_HOME": str(mm.settings.home), "MATCHMAKER_DATABASE_URL": mm.settings.database},
        cwd=Path(__file__).parents[2],
    )
    while not stored_count(mm) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)

    assert process.wait() == -signal.SIGKILL
    n_kept = stored_count(mm)
    assert 0 < n_kept < n_records
    assert n_kept % cases.BATCH == 0
    report = import_paths(mm, [file])
    assert (report.updated, report.imported) == (n_kept, n_records - n_kept)
    with mm.reading() as db:
        assert audit.first_broken(db) is None


def stored_count(mm: Matchmaker) -> int:
    with mm.reading() as db:
        return work.count(db).get("match", 0)
