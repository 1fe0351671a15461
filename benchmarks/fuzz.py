"""Send a served node what no peer would: mutated patients, calls drawn from its description, raw HTTP.

    python -m benchmarks fuzz [--requests 100000] [--seed 1] [--patients FILE]

Prints one JSON object. The node is `matchmaker serve` in a process of its own. Nothing may be answered with 5xx or with
a stack trace, every connection must end, and after every part the node must still answer a good request. One 5xx is
right, and counted apart: 501 for a transfer coding that nobody knows (RFC 9112, 6.1). schemathesis calls every
operation of the OpenAPI document beside that, and compares each answer with what is described.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path

from benchmarks.exchanges import Tally, is_fault, send_all
from benchmarks.from_description import Drawn, draw
from benchmarks.http_garbage import pieces
from benchmarks.odd_requests import api_calls, described, mutated, own_ids, requests
from benchmarks.peers import Patient, made_up
from benchmarks.served import UNLIMITED, environment_of, run, serving

SHARES = {"patients": 0.5, "requests": 0.2, "api": 0.2, "raw": 0.1}
MOST_DRAWN = 50  # requests for each operation
THOROUGH = 20_000  # requests from which on every boundary of every schema is tried too
PROGRAM_ADDRESS = "fuzzer@example.org"
SCOPES = ("terms:read", "cases:read", "cases:write", "matches:read", "matches:write", "searches:write", "submit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    requests: int
    seconds: float
    statuses: dict[str, int]
    server_errors: int
    unknown_transfer_codings: int  # answered 501
    stack_traces: int
    hanging: int
    good_requests_refused: int  # that were sent in between
    restarts: int  # of the process: 0 or the node died
    traces_in_log: int
    wrong: tuple[str, ...]
    drawn: Drawn


def measure(patients: Sequence[Patient], home: Path, *, n_requests: int, seed: int = 1) -> Figures:
    """Fuzz one node that has these patients stored."""
    chance, tally, began = random.Random(seed), Tally(), time.perf_counter()
    environment = environment_of(home, **UNLIMITED)
    run(environment, "init")
    stored, log = home / "patients.jsonl", home / "fuzz.log"
    stored.write_text("".join(json.dumps(patient) + "\n" for patient in patients), "utf-8")
    run(
        environment,
        "case",
        "import",
        str(stored),
        "--sharing",
        "federated",
        "--basis",
        "consent",
        "--owner",
        PROGRAM_ADDRESS,
    )
    token = run(environment, "node", "token", "fuzzer").strip()
    run(environment, "user", "add", PROGRAM_ADDRESS, "--role", "clinician", "--centre", "Dublin", "--service")
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    api_token = run(environment, "user", "token", PROGRAM_ADDRESS, "--name", "fuzz", *scopes).split()[-1]
    parts: dict[str, Callable[[], Iterator[bytes]]] = {
        "patients": lambda: mutated(patients, token, chance),
        "requests": lambda: requests(patients, token, chance),
        "api": lambda: api_calls(described(node), own_ids(node, api_token), api_token, patients, chance),
        "raw": lambda: (piece.replace(b"TOKEN", token.encode()) for piece in cycle(pieces(patients[0], chance))),
    }
    refused = 0
    with serving(environment, log=log) as node:
        for name, make in parts.items():
            send_all(node, islice(make(), int(n_requests * SHARES[name])), tally, in_pieces=name == "raw")
            refused += node.ask(token, patients[0])[0] != 200
        drawn = draw(
            node,
            api_token=api_token,
            node_token=token,
            report=home / "drawn.json",
            per_operation=max(MOST_DRAWN // 10, min(MOST_DRAWN, n_requests // 2000)),
            thorough=n_requests >= THOROUGH,
            seed=seed,
        )
        died = node.process.poll() is not None
    return Figures(
        requests=tally.requests,
        seconds=round(time.perf_counter() - began, 1),
        statuses=dict(sorted(tally.statuses.items())),
        server_errors=sum(n for status, n in tally.statuses.items() if is_fault(status)),
        unknown_transfer_codings=tally.statuses["501"],
        stack_traces=tally.stack_traces,
        hanging=tally.hanging,
        good_requests_refused=refused,
        restarts=int(died),
        traces_in_log=len(re.findall(rb"Traceback|request failed", log.read_bytes())),
        wrong=tuple(tally.wrong),
        drawn=drawn,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--requests", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--patients", type=Path, help="JSON list of patients to begin with; made up ones otherwise")
    given = options.parse_args(arguments)
    patients: list[Patient] = json.loads(given.patients.read_text("utf-8")) if given.patients else made_up(50)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(patients, Path(folder) / "home", n_requests=given.requests, seed=given.seed)
    print(json.dumps(asdict(found), indent=2))


if __name__ == "__main__":
    main()
