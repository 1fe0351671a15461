"""Exchanges with a served node, byte by byte, and what came back, counted."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from benchmarks.served import Serving

TIMEOUT = 10.0  # seconds in which an answer must come, or the end of the connection
TRACE = re.compile(rb"Traceback \(most recent|File \"[^\"]+\", line \d+|[a-z_]+\.py:\d+|sqlalchemy|site-packages")


@dataclass(slots=True)
class Tally:
    """What came back; `wrong` has the first few that should not have."""

    requests: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    stack_traces: int = 0
    hanging: int = 0  # neither an answer nor an end in time
    wrong: list[str] = field(default_factory=list)

    def note(self, sent: bytes, answer: bytes, *, hangs: bool = False) -> None:
        """Count one exchange by the status line of each answer in it."""
        self.requests += 1
        found = [status.decode() for status in re.findall(rb"^HTTP/1\.[01] (\d{3})", answer, re.MULTILINE)]
        self.statuses.update(found or ["closed"])
        traced = bool(TRACE.search(answer))
        self.stack_traces += traced
        self.hanging += hangs
        if (traced or hangs or any(map(is_fault, found))) and len(self.wrong) < 5:
            self.wrong.append(f"{sent[:300]!r} -> {answer[:300]!r}")


def is_fault(status: str) -> bool:
    return status[0] == "5" and status != "501"


def send_all(node: Serving, requests: Iterator[bytes], tally: Tally, *, in_pieces: bool) -> None:
    """Send each; whole requests over kept connections, pieces over one of their own each."""
    where = urlsplit(node.address)
    address = (where.hostname or "", where.port or 80)
    kept: socket.socket | None = None
    for sent in requests:
        if in_pieces:
            with contextlib.suppress(OSError), socket.create_connection(address, timeout=TIMEOUT) as own:
                answer, hangs = _to_the_end(own, sent)
                tally.note(sent, answer, hangs=hangs)
            continue
        kept = kept or socket.create_connection(address, timeout=TIMEOUT)
        answer, goes_on = _one_answer(kept, sent)
        tally.note(sent, answer, hangs=not answer)
        if not goes_on:
            kept.close()
            kept = None
    if kept is not None:
        kept.close()


def _to_the_end(connection: socket.socket, sent: bytes) -> tuple[bytes, bool]:
    """Send bytes, say that no more will come, and read until the node closes; whether it did not is the second."""
    received = b""
    try:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while chunk := connection.recv(65536):
            received += chunk
    except TimeoutError:
        return received, True
    except OSError:
        pass  # closed by the node: it need not hear garbage out
    return received, False


def _one_answer(connection: socket.socket, sent: bytes) -> tuple[bytes, bool]:
    """Send a request and read its answer; False when the connection cannot be used again."""
    try:
        connection.sendall(sent)
        response = http.client.HTTPResponse(connection, method=sent.split(b" ", 1)[0].decode("latin-1"))
        response.begin()
        body = response.read()
    except (OSError, http.client.HTTPException):
        return b"", False
    head = f"HTTP/1.1 {response.status}\r\n".encode()
    return head + body, not response.will_close
