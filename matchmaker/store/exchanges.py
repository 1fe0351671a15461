"""Requests of Matchmaker Exchange, received and sent: what was asked when, and how much was told. No content."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Executable, func, insert, select

from matchmaker.model import GeneId, NodeName
from matchmaker.store import dialects
from matchmaker.store.engine import keys_of
from matchmaker.store.tables import exchanges, genes_matched

_EXCHANGE = insert(exchanges)


class Direction(StrEnum):
    RECEIVED = "received"
    SENT = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and how it ended."""

    node: NodeName
    direction: Direction
    kind: str  # match, heartbeat, metrics
    at: dt.datetime
    status: str  # the HTTP status given, or the state of a node that we asked
    n_results: int = 0
    fingerprint: str | None = None  # of what was asked, from `fingerprint`
    seconds: float = 0.0
    test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Match requests of other nodes, without test cases."""

    requests: int
    results: int
    genes: int


def record(db: Connection, exchange: Exchange, *, genes: Iterable[GeneId] = ()) -> None:
    """Keep a request, and the genes that its results were matched on."""
    row = {
        "id": secrets.token_hex(16),
        "node": exchange.node,
        "direction": exchange.direction,
        "kind": exchange.kind,
        "at": exchange.at,
        "status": exchange.status,
        "n_results": exchange.n_results,
        "fingerprint": exchange.fingerprint,
        "seconds": exchange.seconds,
        "test": exchange.test,
    }
    db.execute(_EXCHANGE, row)
    matched = [{"gene": gene} for gene in sorted(set(genes))]
    if matched and not exchange.test:
        db.execute(_genes_matched(db), matched)


def fingerprint(db: Connection, content: str) -> str:
    """Return a pseudonym of what was asked: equal for equal requests, and nothing else can be read from it."""
    return keys_of(db).pseudonym("request", content)


def count_since(
    db: Connection, node: NodeName, moment: dt.datetime, *, direction: Direction = Direction.RECEIVED
) -> int:
    """Return how many requests were exchanged with a node from that moment on."""
    counted = (exchanges.c.node == node) & (exchanges.c.direction == direction) & (exchanges.c.at >= moment)
    return db.scalar(select(func.count()).select_from(exchanges).where(counted)) or 0


def totals(db: Connection) -> Totals:
    """Count the match requests that were answered, and what was told."""
    real = (exchanges.c.direction == Direction.RECEIVED) & (exchanges.c.kind == "match") & exchanges.c.test.is_(False)
    row = db.execute(select(func.count(), func.coalesce(func.sum(exchanges.c.n_results), 0)).where(real)).one()
    return Totals(
        requests=row[0], results=row[1], genes=db.scalar(select(func.count()).select_from(genes_matched)) or 0
    )


@dialects.once
def _genes_matched(db: Connection) -> Executable:
    return dialects.insert(db, genes_matched).on_conflict_do_nothing()
