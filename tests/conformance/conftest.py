"""A node with a few cases, asked over real HTTP."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
import waitress.server

from federation import nodes, server
from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from tests.builders import a_case, a_feature, a_genomic_feature


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, as a client sees it."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.body)
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A node of ours behind an address, and a peer's token."""

    mm: Matchmaker
    port: int
    token: str

    def ask(self, line: str, body: bytes | None = None, *, headers: Mapping[str, str] | None = None) -> Reply:
        """Send a method and path with exactly these headers; nothing is added but length and host."""
        method, path = line.split()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            response = connection.getresponse()
            return Reply(status=response.status, headers=dict(response.getheaders()), body=response.read())
        finally:
            connection.close()

    def match(self, patient: Mapping[str, Any], **headers: str) -> Reply:
        """Ask as a peer with a token does; in names of headers, underscores stand for dashes."""
        return self.post(json.dumps({"patient": patient}).encode(), **headers)

    def post(self, body: bytes, **headers: str) -> Reply:
        """Send any body to `/mme/match`."""
        return self.ask("POST /mme/match", body, headers=self.known(**headers))

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask(f"GET {path}", headers=self.known(**headers))

    def known(self, **headers: str) -> dict[str, str]:
        """The headers with our token, unless they have another one."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return {"X-Auth-Token": self.token} | named


@contextmanager
def serving(mm: Matchmaker) -> Iterator[Served]:
    """Serve a node on a free port as `matchmaker serve` does."""
    listening = waitress.server.create_server(server.create_app(mm), host="127.0.0.1", port=0, threads=4, ident=None)
    thread = threading.Thread(target=listening.run, daemon=True)
    thread.start()
    try:
        token = nodes.issue_token(mm, NodeName("peer"), by=SYSTEM)
        yield Served(mm=mm, port=int(listening.effective_port), token=token)
    finally:
        _stop(listening)
        thread.join(timeout=10)
        listening.task_dispatcher.shutdown()


def _stop(listening: Any) -> None:
    """End the server from its own thread: closed from another one, its sockets vanish while it waits for them."""

    def close() -> None:
        for channel in list(listening.active_channels.values()):
            channel.handle_close()
        listening.close()

    with suppress(OSError):  # it was awake, and has closed what should have woken it
        listening.trigger.pull_trigger(close)


@pytest.fixture(scope="module")
def own_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matchmaker]:
    """A node that answers any number of requests."""
    home = tmp_path_factory.mktemp("home")
    mm = Matchmaker.create(Settings(home=home, requests_per_minute=1_000_000, requests_per_day=1_000_000))
    yield mm
    mm.close()


@pytest.fixture(scope="module")
def node(own_node: Matchmaker) -> Iterator[Served]:
    """The node with one real case and one test case, alike."""
    features = [a_feature("HP:0000252"), a_feature("HP:0002521"), a_feature("HP:0001263")]
    for test in (False, True):
        case = a_case(features=features, genomic_features=[a_genomic_feature("HGNC:8923")], test=test)
        cases.submit(own_node, case, by=SYSTEM)
    with serving(own_node) as served:
        yield served
