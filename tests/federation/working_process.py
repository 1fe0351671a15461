"""Enter cases and do the background work for ever: the process that `test_killing_work` kills."""

from __future__ import annotations

import random
import sys
import threading
import time
from pathlib import Path

from matchmaker import cases, logs, worker
from matchmaker.actors import SYSTEM
from matchmaker.model import Case
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from tests.builders import a_case, a_feature, a_genomic_feature

PAUSE = 0.2  # seconds between two cases


def main(home: str, database_url: str, smtp_url: str, prefix: str) -> None:
    settings = Settings(home=Path(home), database_url=database_url, smtp_url=smtp_url)
    logs.configure(settings.mode)  # to standard error: what is on standard output is an acknowledgement
    mm = Matchmaker.open(settings)
    assert mm.scorer.version
    threading.Thread(target=work, args=(mm,), daemon=True).start()
    chance, number = random.Random(prefix), 0
    while True:
        case = one_of_a_kind(mm, f"{prefix}-{number}", chance)
        cases.submit(mm, case, by=SYSTEM)
        sys.stdout.write(f"{case.local_id}\n")
        sys.stdout.flush()
        number += 1
        time.sleep(PAUSE)


def work(mm: Matchmaker) -> None:
    while True:
        worker.drain(mm)
        time.sleep(0.01)


def one_of_a_kind(mm: Matchmaker, name: str, chance: random.Random) -> Case:
    """A case of an owner of its own, with a gene that hardly another one has."""
    terms = chance.sample(mm.release.hpo.term_ids, 3)
    number = chance.randrange(1, 50_000)
    return a_case(
        owner=f"{name}@example.org",
        local_id=name,
        features=[a_feature(term) for term in terms],
        genomic_features=[a_genomic_feature(f"HGNC:{number}")],
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
