"""Thirty peers, ten of them hostile: each search ends on time with all that the twenty others say.

`THIRTY_PEERS_SEARCHES=100 pytest tests/federation/test_thirty_peers.py -s` is the long form, and prints the figures.
"""

import gc
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from federation.deadline import Deadline
from federation.search import State, ask_all
from matchmaker.model import Node
from matchmaker.service import Matchmaker
from tests.federation import peers
from tests.federation.peers import Peer, answering, peer
from tests.federation.worlds import a_case, a_result, an_answer, our_node, register

N_SEARCHES = int(os.environ.get("THIRTY_PEERS_SEARCHES", "4"))
DEADLINE = 1.0
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


@pytest.fixture
def mm(tmp_path: Path) -> Iterator[Matchmaker]:
    with our_node(tmp_path / "home") as mm:
        assert mm.scorer.version  # ready, as on a node that serves
        yield mm


def network(stack: ExitStack, mm: Matchmaker) -> tuple[list[Node], Peer]:
    """Start the peers in turns, two good ones to each hostile one; the last hostile one redirects to the trap."""
    trap = stack.enter_context(peer(answering(an_answer(a_result("Trap")))))
    redirect = answering(b"", status=307, location=f"http://127.0.0.1:{trap.port}/mme/match")
    hostile = {**HOSTILE, "redirect": (redirect, State.INVALID)}
    nodes = []
    for i, (name, (behave, _)) in enumerate(hostile.items()):
        for j in range(2):
            good = stack.enter_context(peer(answering(an_answer(*(a_result(f"T{k}") for k in range(3))))))
            nodes.append(register(mm, f"Good {i}-{j}", good.url))
        nodes.append(register(mm, name, stack.enter_context(peer(behave)).url))
    return nodes, trap


@pytest.mark.slow
def test_search_survives_ten_hostile_peers_of_thirty(mm: Matchmaker) -> None:
    expected = {name: state for name, (_, state) in HOSTILE.items()} | {"redirect": State.INVALID}
    took, memory = [], []
    with ExitStack() as stack:
        nodes, trap = network(stack, mm)
        for _ in range(N_SEARCHES):
            started = time.monotonic()
            answers = ask_all(mm, a_case(), nodes, deadline=Deadline.after(DEADLINE), heed_breaker=False)
            took.append(time.monotonic() - started)

            states = {str(answer.node): answer.state for answer in answers}
            # A peer that sends without end may be cut off by the time before the size: a named fault either way.
            assert [name for name, state in expected.items() if states[name] not in {state, State.TIMEOUT}] == []
            good = [answer for answer in answers if answer.node.startswith("Good")]
            assert [len(answer.results) for answer in good] == [3] * 20
            _wait_for_the_end_of_all_threads()
            gc.collect()
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)  # the peak, in MiB
        assert trap.connections == 0

    halfway, end = memory[len(memory) // 2], memory[-1]
    figures = f"slowest {max(took):.2f} s, peak memory {halfway:.0f} MiB halfway, {end:.0f} MiB at the end"
    sys.stdout.write(f"\n{N_SEARCHES} searches: {figures}\n")
    assert max(took) < DEADLINE + 0.5
    assert end - halfway < 32  # the first ones fill caches, and the peers, which live in this process, their lists


def _wait_for_the_end_of_all_threads(seconds: float = 2) -> None:
    """Wait for the threads of the search; those of the peers are not named like this."""
    end = time.monotonic() + seconds
    while any(thread.name.startswith(("ask", "resolve")) for thread in threading.enumerate()):
        assert time.monotonic() < end, "threads of the search are still there"
        time.sleep(0.02)
