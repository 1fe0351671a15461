"""How our latest calls to other nodes went, read from the record of exchanges."""

from __future__ import annotations

from sqlalchemy import Connection, select

from matchmaker.model import NodeName
from matchmaker.store.exchanges import Direction, Exchange
from matchmaker.store.tables import exchanges


def latest(db: Connection, node: NodeName, *, limit: int) -> list[Exchange]:
    """Return our last calls to a node, the newest first."""
    mine = (exchanges.c.node == node) & (exchanges.c.direction == Direction.SENT)
    newest_first = select(exchanges).where(mine).order_by(exchanges.c.at.desc(), exchanges.c.id).limit(limit)
    return [
        Exchange(
            node=node,
            direction=Direction.SENT,
            kind=row.kind,
            at=row.at,
            status=row.status,
            n_results=row.n_results,
            fingerprint=row.fingerprint,
            seconds=row.seconds,
            test=row.test,
        )
        for row in db.execute(newest_first)
    ]
