"""Import cases for ever and say so after each commit: the process that `test_killing` kills."""

from __future__ import annotations

import sys
from pathlib import Path

from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from tests.builders import a_case

BATCH = 7


def main(home: str, database_url: str, prefix: str) -> None:
    mm = Matchmaker.open(Settings(home=Path(home), database_url=database_url))
    number = 0
    while True:
        batch = [a_case(local_id=f"{prefix}-{number + n}") for n in range(BATCH)]
        number += BATCH
        cases.submit_many(mm, batch, by=SYSTEM)
        sys.stdout.write("".join(f"{case.local_id}\n" for case in batch))
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
