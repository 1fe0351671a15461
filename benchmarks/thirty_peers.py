"""Search among thirty peers of which ten are hostile: on time, and with all that the twenty others say?

    python -m benchmarks thirty_peers [--searches 100]

Prints one JSON object. The hostile ones hang, drip a header or a body, send without end, send a gzip bomb, redirect to
a trap, nest JSON a million deep, send NaN, reset the connection, or send garbage. The deadline is one second, and the
breaker is off, so that each of them is asked every time. The peers live in a process of their own: time and memory are
those of the process that searches.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks._hostile_peers import FAULTS, RESULTS, elsewhere
from federation.deadline import Deadline
from federation.outcomes import State
from federation.search import ask_all
from matchmaker.service import Matchmaker
from tests.federation.worlds import a_case, our_node, register

DEADLINE = 1.0
WARM_UP = 10.0  # seconds for a first search, which is not counted
PATIENCE = 2.0  # seconds after a search in which its threads must have ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    searches: int
    slowest_seconds: float
    deadline_seconds: float
    incomplete: int  # searches in which a good peer's results were not all there
    misnamed: int  # faults of hostile peers that were called something else
    threads_left: int  # searches whose threads had not ended a while later
    connections_to_the_trap: int
    peak_mib_halfway: float
    peak_mib: float


def measure(mm: Matchmaker, *, n_searches: int) -> Figures:
    """Search so often."""
    took, memory = [], []
    incomplete = misnamed = threads_left = 0
    with elsewhere() as peers:
        nodes = [register(mm, name, url) for name, url in peers.recv()]
        # What a node that has been serving for a while has read and compiled already.
        ask_all(mm, a_case(), nodes, deadline=Deadline.after(WARM_UP), heed_breaker=False)
        for _ in range(n_searches):
            started = time.monotonic()
            answers = ask_all(mm, a_case(), nodes, deadline=Deadline.after(DEADLINE), heed_breaker=False)
            took.append(time.monotonic() - started)
            states = {str(answer.node): answer.state for answer in answers}
            # A peer that sends without end may be cut off by the time before the size: a named fault either way.
            misnamed += sum(states[name] not in {state, State.TIMEOUT} for name, state in FAULTS.items())
            good = [len(answer.results) for answer in answers if answer.node.startswith("Good")]
            incomplete += good != [RESULTS] * 20
            threads_left += not _threads_end()
            gc.collect()
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        peers.send("how many connections had the trap?")
        at_the_trap: int = peers.recv()
    return Figures(
        searches=n_searches,
        slowest_seconds=round(max(took), 3),
        deadline_seconds=DEADLINE,
        incomplete=incomplete,
        misnamed=misnamed,
        threads_left=threads_left,
        connections_to_the_trap=at_the_trap,
        peak_mib_halfway=round(memory[len(memory) // 2], 1),
        peak_mib=round(memory[-1], 1),
    )


def _threads_end() -> bool:
    """Wait for the threads of the search."""
    end = time.monotonic() + PATIENCE
    while any(thread.name.startswith(("ask", "resolve")) for thread in threading.enumerate()):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--searches", type=int, default=100)
    given = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, our_node(Path(folder) / "home") as mm:
        assert mm.scorer.version  # ready, as on a node that serves
        print(json.dumps(asdict(measure(mm, n_searches=given.searches)), indent=2))


if __name__ == "__main__":
    main()
