"""The nodes of `network`: live ones that serve and work over links of a given latency, and some out of order."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import waitress.server

from federation import nodes, server
from matchmaker import worker
from matchmaker.actors import SYSTEM
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from tests.federation import peers as misbehaving

DEADLINE = 5.0  # seconds for one search over all nodes
HOSTILE = (misbehaving.drip_body, misbehaving.garbage, misbehaving.endless_body)


@dataclass(slots=True)
class Traffic:
    """What went over the links, both ways; the hostile count as asked."""

    messages: int = 0
    bytes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, n_bytes: int) -> None:
        with self.lock:
            self.messages += 1
            self.bytes += n_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """One live node: its worker runs whenever it is nudged."""

    name: str
    mm: Matchmaker
    url: str
    nudge: threading.Event


@contextlib.contextmanager
def a_country(name: str, home: Path, traffic: Traffic, latency: float) -> Iterator[Country]:
    """A node that serves and works; its answers take a while on the way."""
    settings = Settings(
        home=home, node_name=name, node_id=f"org.example.{name.lower()}", country=name, deadline=DEADLINE
    )
    nudge, stopping = threading.Event(), threading.Event()
    with contextlib.closing(Matchmaker.create(settings)) as mm:
        app = _on_a_link(server.create_app(mm), traffic, latency, nudge)
        there = waitress.server.create_server(app, host="127.0.0.1", port=0, threads=4, ident=None)
        threads = [threading.Thread(target=there.run, daemon=True)]
        threads.append(threading.Thread(target=_work, args=(mm, nudge, stopping), daemon=True))
        for thread in threads:
            thread.start()
        try:
            yield Country(name=name, mm=mm, url=f"http://127.0.0.1:{there.effective_port}/mme", nudge=nudge)
        finally:
            stopping.set()
            nudge.set()
            there.close()
            for thread in threads:
                thread.join(timeout=10)


@contextlib.contextmanager
def a_faulty_one(kind: str) -> Iterator[str]:
    """An address at which nobody is, or somebody who is slow or hostile."""
    if kind == "dead":
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        yield f"http://127.0.0.1:{port}/mme"
        return
    behave = misbehaving.hang if kind == "slow" else random.Random(kind).choice(HOSTILE)
    with misbehaving.peer(behave) as there:
        yield there.url


def pair_all(live: dict[str, Country], faulty: dict[str, str]) -> None:
    tokens = {
        (asked, asker): nodes.issue_token(country.mm, NodeName(asker), by=SYSTEM)
        for asked, country in live.items()
        for asker in live
        if asker != asked
    }
    for name, country in live.items():
        for other, there in live.items():
            if other != name:
                _add(country.mm, other, there.url, tokens[other, name])
        for other, url in faulty.items():
            _add(country.mm, other, url, "secret")


def settle(live: dict[str, Country]) -> None:
    """Wait until nobody was nudged for a moment."""
    quiet = 0
    while quiet < 3:
        time.sleep(0.1)
        quiet = 0 if any(country.nudge.is_set() for country in live.values()) else quiet + 1


def _work(mm: Matchmaker, nudge: threading.Event, stopping: threading.Event) -> None:
    """What a node's huey does: drain when nudged after a commit, and now and then."""
    while True:
        nudge.wait(DEADLINE)
        if stopping.is_set():
            return
        nudge.clear()
        worker.drain(mm)


def _on_a_link(
    app: Callable[..., Iterable[bytes]], traffic: Traffic, latency: float, nudge: threading.Event
) -> Callable[..., Iterable[bytes]]:
    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        time.sleep(latency)
        answer = b"".join(app(environ, start_response))
        traffic.note(int(environ.get("CONTENT_LENGTH") or 0) + len(answer))
        nudge.set()
        return [answer]

    return served


def _add(mm: Matchmaker, name: str, url: str, token: str) -> None:
    nodes.add(mm, NodeName(name), base_url=url, token=token, country=name, by=SYSTEM)
