"""Search among thirty peers of which ten are hostile: on time, and with all that the twenty others say?

    python -m benchmarks thirty_peers [--searches 100]

Prints one JSON object. The hostile ones hang, drip a header or a body, send without end, send a gzip bomb, redirect to
a trap, nest JSON a million deep, send NaN, reset the connection, or send garbage. The deadline is one second, and the
breaker is off, so that each of them is asked every time.
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
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from federation.deadline import Deadline
from federation.outcomes import State
from federation.search import ask_all
from matchmaker.model import Node
from matchmaker.service import Matchmaker
from tests.federation import peers
from tests.federation.peers import Peer, answering, peer
from tests.federation.worlds import a_case, a_result, an_answer, our_node, register

DEADLINE = 1.0
WARM_UP = 10.0  # seconds for a first search, which is not counted
PATIENCE = 2.0  # seconds after a search in which its threads must have ended
RESULTS = 3  # of each good peer
HOSTILE = {
    "hang": (peers.hang, State.TIMEOUT),
    "drip header": (peers.drip_header, State.TIMEOUT),
    "drip body": (peers.drip_body, State.TIMEOUT),
    "endless body": (peers.endless_body, State.TOO_LARGE),
    "gzip bomb": (peers.gzip_bomb, State.TOO_LARGE),
    "deep JSON": (answering(b'{"results": ' + b"[" * 1_000_000), State.INVALID),
    "NaN": (answering(b'{"results": [{"score": {"patient": NaN}}]}'), State.INVALID),
    "reset": (peers.reset, State.UNREACHABLE),
    "garbage": (peers.garbage, State.INVALID),
}


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
    expected = {name: state for name, (_, state) in HOSTILE.items()} | {"redirect": State.INVALID}
    with ExitStack() as stack:
        nodes, trap = _network(stack, mm)
        # What a node that has been serving for a while has read and compiled already.
        ask_all(mm, a_case(), nodes, deadline=Deadline.after(WARM_UP), heed_breaker=False)
        for _ in range(n_searches):
            started = time.monotonic()
            answers = ask_all(mm, a_case(), nodes, deadline=Deadline.after(DEADLINE), heed_breaker=False)
            took.append(time.monotonic() - started)
            states = {str(answer.node): answer.state for answer in answers}
            # A peer that sends without end may be cut off by the time before the size: a named fault either way.
            misnamed += sum(states[name] not in {state, State.TIMEOUT} for name, state in expected.items())
            good = [len(answer.results) for answer in answers if answer.node.startswith("Good")]
            incomplete += good != [RESULTS] * 20
            threads_left += not _threads_end()
            gc.collect()
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return Figures(
        searches=n_searches,
        slowest_seconds=round(max(took), 3),
        deadline_seconds=DEADLINE,
        incomplete=incomplete,
        misnamed=misnamed,
        threads_left=threads_left,
        connections_to_the_trap=trap.connections,
        peak_mib_halfway=round(memory[len(memory) // 2], 1),
        peak_mib=round(memory[-1], 1),
    )


def _network(stack: ExitStack, mm: Matchmaker) -> tuple[list[Node], Peer]:
    """Start the peers in turns, two good ones to each hostile one; the last hostile one redirects to the trap."""
    trap = stack.enter_context(peer(answering(an_answer(a_result("Trap")))))
    redirect = answering(b"", status=307, location=f"http://127.0.0.1:{trap.port}/mme/match")
    hostile = {**HOSTILE, "redirect": (redirect, State.INVALID)}
    nodes = []
    for i, (name, (behave, _)) in enumerate(hostile.items()):
        for j in range(2):
            good = stack.enter_context(peer(answering(an_answer(*(a_result(f"T{k}") for k in range(RESULTS))))))
            nodes.append(register(mm, f"Good {i}-{j}", good.url))
        nodes.append(register(mm, name, stack.enter_context(peer(behave)).url))
    return nodes, trap


def _threads_end() -> bool:
    """Wait for the threads of the search; those of the peers are not named like this."""
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
