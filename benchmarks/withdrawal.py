"""Withdraw cases in one of four processes; count answers of all that still tell of one. Prints one JSON object.

Each round a case is stored, every process tells of it, one process withdraws it, and the next answer of every process
is looked at. Run it against PostgreSQL:

python -m benchmarks withdrawal --database postgresql+psycopg://... [--answers 10000]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from matchmaker import cases, matching
from matchmaker.actors import SYSTEM
from matchmaker.model import Case, CaseId, Consent, Contact, Node, NodeName, PhenotypicFeature, Sharing, TermId
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings

N_PROCESSES = 4
ASKER = Node(name=NodeName("peer"), country="ES", jurisdiction="EEA")
TERMS = ("HP:0011451", "HP:0000274", "HP:0001263", "HP:0001250")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`told_before`: answers that told of the case while they should; `told_after`: those that still did."""

    processes: int
    withdrawals: int
    answers: int
    told_before: int
    told_after: int


def measure(settings: Settings, *, n_answers: int) -> Figures:
    """Withdraw until so many answers after a withdrawal were looked at."""
    n_rounds = -(-n_answers // N_PROCESSES)
    told_before = told_after = 0
    with contextlib.closing(Matchmaker.create(settings)) as mm, _processes(settings) as processes:
        for number in range(n_rounds):
            case_id = cases.submit(mm, _case(f"W-{number}"), by=SYSTEM).case_id
            told_before += sum(_told(process, case_id) for process in processes)
            _call(processes[number % N_PROCESSES], "withdraw", case_id)
            told_after += sum(_told(process, case_id) for process in processes)
    return Figures(
        processes=N_PROCESSES,
        withdrawals=n_rounds,
        answers=n_rounds * N_PROCESSES,
        told_before=told_before,
        told_after=told_after,
    )


@contextlib.contextmanager
def _processes(settings: Settings) -> Iterator[list[Connection]]:
    started = []
    context = multiprocessing.get_context("spawn")
    for _ in range(N_PROCESSES):
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(settings, theirs), daemon=True)
        process.start()
        started.append((ours, process))
    try:
        yield [connection for connection, _ in started]
    finally:
        for connection, process in started:
            connection.send(("stop", ""))
            process.join(30)


def _serve(settings: Settings, connection: Connection) -> None:
    with contextlib.closing(Matchmaker.open(settings)) as mm:
        while True:
            what, case_id = connection.recv()
            if what == "stop":
                return
            if what == "withdraw":
                cases.withdraw(mm, CaseId(case_id), by=SYSTEM)
                connection.send(None)
            else:
                results = matching.match(mm, _case("asked"), asker=ASKER).results
                connection.send([result.case.id for result in results])


def _told(process: Connection, case_id: CaseId) -> bool:
    return case_id in _call(process, "ask", "")


def _call(process: Connection, what: str, case_id: str) -> Any:
    process.send((what, case_id))
    return process.recv()


def _case(name: str) -> Case:
    return Case(
        id=CaseId(name),
        owner="owner@example.org",
        local_id=name,
        contact=Contact(name="Made up"),
        consent=Consent(basis="consent"),
        sharing=Sharing.FEDERATED,
        features=tuple(PhenotypicFeature(term=TermId(term)) for term in TERMS),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="an empty database of its own")
    parser.add_argument("--answers", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder) / "home", database_url=given.database)
        print(json.dumps(asdict(measure(settings, n_answers=given.answers))))


if __name__ == "__main__":
    main()
