"""The thirty peers of `thirty_peers`, in a process of their own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection

from federation.outcomes import State
from tests.federation import peers
from tests.federation.peers import answering, peer
from tests.federation.worlds import a_result, an_answer

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
FAULTS = {name: state for name, (_, state) in HOSTILE.items()} | {"redirect": State.INVALID}


@contextmanager
def elsewhere() -> Iterator[Connection]:
    """Run the peers until the block ends; who they are comes first, and connections at the trap for the asking."""
    context = multiprocessing.get_context("forkserver")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    there.close()
    with here:
        try:
            yield here
        finally:
            process.kill()
            process.join()


def _serve(asking: Connection) -> None:
    """Start the peers in turns, two good ones to each hostile one; the last hostile one redirects to the trap."""
    with ExitStack() as stack:
        trap = stack.enter_context(peer(answering(an_answer(a_result("Trap")))))
        redirect = answering(b"", status=307, location=f"http://127.0.0.1:{trap.port}/mme/match")
        good = answering(an_answer(*(a_result(f"T{k}") for k in range(RESULTS))))
        behaviours = []
        hostile = {name: behave for name, (behave, _) in HOSTILE.items()} | {"redirect": redirect}
        for i, (name, behave) in enumerate(hostile.items()):
            behaviours += [(f"Good {i}-0", good), (f"Good {i}-1", good), (name, behave)]
        asking.send([(name, stack.enter_context(peer(behave)).url) for name, behave in behaviours])
        asking.recv()
        asking.send(trap.connections)
