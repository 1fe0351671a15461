"""Nodes of ours that serve other nodes on loopback, and ask one another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import waitress.server

from federation import beside, nodes, server
from matchmaker.actors import SYSTEM
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from tests import empty_tables


@contextmanager
def a_node_of(country: str, home: Path, *, smtp_url: str = "") -> Iterator[Matchmaker]:
    """Create a node; `serving` makes it answer."""
    settings = Settings(
        home=empty_tables.in_home(home),
        node_name=f"Matchmaker {country}",
        node_id=f"org.example.{country.lower()}",
        base_url=f"https://{country.lower()}.example",
        country=country,
        smtp_url=smtp_url,
    )
    with closing(Matchmaker.create(settings)) as mm:
        yield mm


def until_closed(there: Any) -> None:
    """Serve; closing the sockets while they are polled is how it ends."""
    with suppress(OSError):
        there.run()


@contextmanager
def serving(mm: Matchmaker, *, port: int = 0) -> Iterator[str]:
    """Answer other nodes until the block ends; yields the base URL."""
    app = server.create_app(mm)
    app.register_blueprint(beside.blueprint(mm))
    with served(app, port=port) as url:
        yield f"{url}/mme"


@contextmanager
def served(app: Any, *, port: int = 0) -> Iterator[str]:
    """Serve an application until the block ends; yields where."""
    there = waitress.server.create_server(app, host="127.0.0.1", port=port, threads=4, ident=None)
    thread = threading.Thread(target=until_closed, args=(there,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{there.effective_port}"
    finally:
        there.close()
        thread.join(timeout=5)


def pair(ours: Matchmaker, theirs: Matchmaker, url: str) -> None:
    """Let one node ask another."""
    us, them = NodeName(ours.settings.country), NodeName(theirs.settings.country)
    token = nodes.issue_token(theirs, us, by=SYSTEM)
    country = ours.settings.country
    nodes.add(theirs, us, base_url=_address_of(theirs, us), country=country, by=SYSTEM)
    nodes.add(ours, them, base_url=url, token=token, country=theirs.settings.country, by=SYSTEM)


def _address_of(mm: Matchmaker, name: NodeName) -> str:
    known = {node.name: node.base_url for node in nodes.list_(mm)}
    return known.get(name) or "http://127.0.0.1:9/mme"
