"""How long `/mme/match` takes over HTTP with stored cases; prints one JSON object.

As an operator would see it right after an import, while the node still matches the new cases with one another; or
once it has settled.

python benchmarks/mme_match.py --cases cases.jsonl.gz [--requests 500] [--settled]
python benchmarks/mme_match.py --made-up 100000

Made-up cases are drawn from disease annotations, and count as matched with one another already: that would take hours.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import http.client
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
PROGRAM = Path(sys.executable).with_name("matchmaker")
WARM_UP = 20  # requests that are not counted
UNLIMITED = {
    "MATCHMAKER_REQUESTS_PER_MINUTE": "1000000",
    "MATCHMAKER_REQUESTS_PER_DAY": "1000000",
    "MATCHMAKER_CASES_REVEALED_PER_DAY": "1000000",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    address: str
    process_id: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--cases", type=Path, help="JSON Lines, each with a `patient`")
    source.add_argument("--made-up", type=int, metavar="N", help="store N made-up cases, and ask with others")
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--settled", action="store_true", help="wait until the new cases are matched with one another")
    given = parser.parse_args()
    patients, asked = _patients(given)
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **UNLIMITED, "MATCHMAKER_HOME": f"{folder}/home"}
        stored = Path(folder) / "patients.jsonl"
        stored.write_text("".join(json.dumps(patient) + "\n" for patient in patients), "utf-8")
        _run(environment, "init")
        began = time.perf_counter()
        report = json.loads(
            _run(environment, "case", "import", str(stored), "--sharing", "federated", "--basis", "consent", "--json")
        )
        import_seconds = time.perf_counter() - began
        token = _run(environment, "node", "token", "benchmark").strip()
        database = Path(environment["MATCHMAKER_HOME"]) / "matchmaker.sqlite"
        if given.made_up:
            _forget_work(database)
        began = time.perf_counter()
        with _serving(environment) as node:
            start_seconds = time.perf_counter() - began
            if given.settled:
                _wait_for_matches(database)
            figures = _measure(node, token, asked)
    imported: int = report["imported"]
    print(
        json.dumps(
            {
                "cases": imported,
                "imported_per_second": round(imported / import_seconds),
                "settled": bool(given.settled or given.made_up),
                "start_s": round(start_seconds, 2),
                **figures,
            }
        )
    )


def _patients(given: argparse.Namespace) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is stored, and what is asked with."""
    if given.made_up:
        from benchmarks._made_up import made_up

        return list(made_up(given.made_up, seed=1)), list(made_up(given.requests, seed=2, prefix="q"))
    patients = [record.get("patient", record) for record in _records(given.cases)]
    return patients, patients[:: max(1, len(patients) // given.requests)][: given.requests]


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def _run(environment: dict[str, str], *arguments: str) -> str:
    command = [str(PROGRAM), *arguments]
    done = subprocess.run(command, check=False, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode not in {0, 1}:  # 1: some records were rejected, which the report says
        sys.exit(done.returncode)
    return done.stdout


@contextlib.contextmanager
def _serving(environment: dict[str, str]) -> Iterator[_Node]:
    """A node in a process of its own, as an operator starts it."""
    command = [str(PROGRAM), "serve", "--port", "0"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield _Node(address=process.stdout.readline().split()[-1], process_id=process.pid)
        finally:
            process.terminate()


def _wait_for_matches(database: Path) -> None:
    while True:
        with contextlib.closing(sqlite3.connect(database)) as db:
            if db.execute("SELECT count(*) FROM work").fetchone()[0] == 0:
                return
        time.sleep(0.5)


def _forget_work(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        db.execute("DELETE FROM work")


def _measure(node: _Node, token: str, patients: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Ask with each patient over one kept connection: how long each answer took, and what the node spent on it."""
    connection = http.client.HTTPConnection(urlsplit(node.address).netloc, timeout=60)
    media_type = "application/vnd.ga4gh.matchmaker.v1.1+json"
    headers = {"X-Auth-Token": token, "Content-Type": media_type, "Accept": media_type}
    seconds, n_results, cpu_before = [], 0, 0.0
    for number, patient in enumerate([*patients[:WARM_UP], *patients]):
        if number == WARM_UP:
            n_results, cpu_before = 0, _cpu_seconds(node)
        body = json.dumps({"patient": patient}).encode()
        began = time.perf_counter()
        connection.request("POST", "/mme/match", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        seconds.append(time.perf_counter() - began)
        if answer.status not in {200, 422}:
            sys.exit(f"{answer.status} for {patient['id']}")
        n_results += len(json.loads(text).get("results", ()))
    cpu = _cpu_seconds(node) - cpu_before
    counted = seconds[WARM_UP:]
    quantiles = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "worst": 1.0}
    return {
        "requests": len(counted),
        "results_per_request": round(n_results / len(counted), 1),
        **{f"{name}_ms": round(1000 * float(np.quantile(counted, q)), 2) for name, q in quantiles.items()},
        "cpu_ms_per_request": round(1000 * cpu / len(counted), 2),  # of the whole process, background work too
    }


def _cpu_seconds(node: _Node) -> float:
    """The processor time that the node's process has used; Linux says."""
    spent = Path(f"/proc/{node.process_id}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
