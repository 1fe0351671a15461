"""Enter cases, each acknowledged on standard output once it is stored: a process that `kills` kills."""

from __future__ import annotations

import random
import sys
import threading
import time
from pathlib import Path

from matchmaker import cases, logs
from matchmaker.actors import SYSTEM
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from tests.builders import a_case, a_feature, a_genomic_feature

PAUSE = 0.15  # seconds between two cases
MOST = 30  # cases: a node that takes long to start need not be buried


def main(home: str, prefix: str) -> None:
    settings = Settings(home=Path(home))
    logs.configure(settings.mode)  # to standard error: what is on standard output is an acknowledgement
    mm = Matchmaker.open(settings)
    chance, number = random.Random(prefix), 0
    while number < MOST:
        name = f"{prefix}-{number}"
        features = [a_feature(term) for term in chance.sample(mm.release.hpo.term_ids, 3)]
        # A gene that hardly another case has, and an owner of its own: each alert is a mail.
        gene = a_genomic_feature(f"HGNC:{chance.randrange(1, 50_000)}")
        case = a_case(owner=f"{name}@example.org", local_id=name, features=features, genomic_features=[gene])
        cases.submit(mm, case, by=SYSTEM)
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        number += 1
        time.sleep(PAUSE)
    threading.Event().wait()  # to be killed


if __name__ == "__main__":
    main(*sys.argv[1:])
