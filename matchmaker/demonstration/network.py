"""Three national nodes on loopback: each with its own home, database, keys and cases, paired with the other two."""

from __future__ import annotations

import contextlib
import itertools
import secrets
import socket
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import waitress.server

from federation import nodes
from matchmaker import accounts, cases, worker
from matchmaker.actors import SYSTEM, Role
from matchmaker.demonstration import drawing, people
from matchmaker.demonstration.nodes import COUNTRIES, Country, DemoNode, SignIn
from matchmaker.errors import Unavailable
from matchmaker.model import Case, NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode, Settings
from matchmaker.traffic import Application, Traffic
from ontology.releases import Release
from web.app import create_app

SEED = 20260115
CASES_PER_NODE = 300
HOST = "127.0.0.1"


@contextlib.contextmanager
def three_nodes(*, port: int) -> Iterator[tuple[DemoNode, ...]]:
    """Start the nodes on `port` and the two after it (0: any free ones); at the end remove their homes."""
    with contextlib.ExitStack() as stack:
        homes = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="matchmaker-demo-")))
        started = [
            stack.enter_context(_running(country, homes / country.code, port + offset if port else 0))
            for offset, country in enumerate(COUNTRIES)
        ]
        _pair(started)
        for node in started:
            _fill(node)
        yield tuple(started)


@contextlib.contextmanager
def at_work(nodes: Sequence[DemoNode]) -> Iterator[None]:
    """Let the nodes match their cases and ask each other while the body runs; the story's own cases before it."""
    for node in nodes:
        worker.drain(node.mm, rounds=1)  # the oldest work, which is that of the story
    for node in nodes:
        worker.drain(node.mm, rounds=1)  # what the others asked meanwhile
    with contextlib.ExitStack() as stack:
        for node in nodes:
            stack.enter_context(worker.background(node.mm, traffic=node.traffic))
        yield


@contextlib.contextmanager
def _running(country: Country, home: Path, port: int) -> Iterator[DemoNode]:
    listener = _bind(port)
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    settings = Settings(
        home=home,
        mode=Mode.DEMO,
        base_url=url,
        node_id=f"org.example.{country.name.lower()}",
        node_name=f"Matchmaker {country.name} (demonstration)",
        country=country.code,
        mailbox=f"matchmaker@{country.name.lower()}.example.org",
    )
    with contextlib.closing(listener), contextlib.closing(Matchmaker.create(settings)) as mm:
        app, traffic = create_app(mm), Traffic()
        node = DemoNode(country=country, mm=mm, url=url, sign_in=_clinician_of(mm, country), traffic=traffic)
        with _serving(traffic.watched(app), listener):
            yield node


def _clinician_of(mm: Matchmaker, country: Country) -> SignIn:
    """Give the one who owns this country's part of the story an account."""
    contact = people.CLINICIANS[country.code]
    email, password = people.owner_of(contact), secrets.token_urlsafe(12)
    token = accounts.add(mm, email, role=Role.CLINICIAN, centre=contact.institution, by=SYSTEM)
    accounts.set_password(mm, token, password)
    return SignIn(name=contact.name, email=email, password=password)


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise Unavailable(f"port {port}", error.strerror or str(error), "choose another with --port") from error
    return listener


def _until_closed(server: Any) -> None:
    with contextlib.suppress(OSError):  # its sockets are closed while it polls them: that is the end
        server.run()


@contextlib.contextmanager
def _serving(app: Application, listener: socket.socket) -> Iterator[None]:
    server = waitress.server.create_server(app, sockets=[listener], threads=4, ident=None)
    thread = threading.Thread(
        target=_until_closed, args=(server,), name=f"demo-{listener.getsockname()[1]}", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.close()
        thread.join(timeout=5)


def _fill(node: DemoNode) -> None:
    """Store the people of the story, whose work comes first, and the drawn cases."""
    country, release = node.country, node.mm.release
    cases.submit_many(node.mm, _story_of(country, release), by=SYSTEM)
    drawn = list(drawing.draw_cases(release, country=country.code, n_cases=CASES_PER_NODE, seed=SEED))
    cases.submit_many(node.mm, drawn, by=SYSTEM)
    node.mm.warm()


def _story_of(country: Country, release: Release) -> Sequence[Case]:
    if country.code == "IE":
        resolved = (release.genes.resolve(symbol).gene for symbol in people.INCIDENTAL_GENES)
        return people.martin([gene for gene in resolved if gene]), people.young_man_in_cork()
    if country.code == "ES":
        return people.girl_in_madrid(), people.foetus_in_seville(), people.girl_with_lupus_in_valencia()
    return people.microcephaly_in_turku(), *people.brothers_in_helsinki()


def _pair(started: Sequence[DemoNode]) -> None:
    """Give every node the token with which it may ask each of the others."""
    for ours, theirs in itertools.permutations(started, 2):
        token = nodes.issue_token(theirs.mm, NodeName(ours.country.name), by=SYSTEM)
        base_url, country = f"{theirs.url}/mme", theirs.country.code
        name = NodeName(theirs.country.name)
        peer = nodes.add(ours.mm, name, base_url=base_url, token=token, country=country, by=SYSTEM)
        # As its operator would say it: how likely a match is depends on how many cases were searched.
        nodes.change(ours.mm, replace(peer, declared_cases=CASES_PER_NODE), by=SYSTEM)
    for node in started:
        worker.ask_heartbeats(node.mm)  # by which they know that the others are of their kind, and carry letters
