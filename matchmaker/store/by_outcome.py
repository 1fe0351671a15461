"""All requests between nodes, added up by how they ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from matchmaker.store.tables import exchanges


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """How many of one kind there were, and how long they took together."""

    node: str
    direction: str
    kind: str
    outcome: str  # the HTTP status given, or the state of a node that we asked
    n: int
    seconds: float


def requests(db: Connection) -> Iterator[Requests]:
    """Yield each kind of request with each outcome."""
    kinds = (exchanges.c.node, exchanges.c.direction, exchanges.c.kind, exchanges.c.status)
    added = select(*kinds, func.count().label("n"), func.sum(exchanges.c.seconds).label("seconds"))
    for row in db.execute(added.group_by(*kinds).order_by(*kinds)):
        yield Requests(
            node=row.node, direction=row.direction, kind=row.kind, outcome=row.status, n=row.n, seconds=row.seconds
        )
