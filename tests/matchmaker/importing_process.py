"""Import cases for ever, and say of each that it is begun (?) and that it is committed: `test_killing` kills this."""

from __future__ import annotations

import sys
from collections.abc import Iterable
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
        _say(f"? {case.local_id}" for case in batch)
        cases.submit_many(mm, batch, by=SYSTEM)
        _say(f"{case.local_id}" for case in batch)


def _say(lines: Iterable[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
