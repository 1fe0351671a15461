"""How our latest calls to other nodes went, read from the record of exchanges."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The calls of one day: ours to a node, or its to us."""

    day: dt.date
    n_calls: int
    n_failed: int  # of ours: not answered; of its: answered with an error
    mean_seconds: float


def by_day(db: Connection, node: NodeName, direction: Direction, *, since: dt.datetime) -> list[Day]:
    """Count the calls of each day in UTC, oldest first; days without one are left out."""
    day = func.date(exchanges.c.at)
    well = exchanges.c.status.in_(("answered", "200"))
    mine = (exchanges.c.node == node) & (exchanges.c.direction == direction) & (exchanges.c.at >= since)
    counted = select(
        day.label("day"),
        func.count().label("n_calls"),
        func.sum(case((well, 0), else_=1)).label("n_failed"),
        func.avg(exchanges.c.seconds).label("mean_seconds"),
    )
    return [
        Day(
            day=dt.date.fromisoformat(str(row.day)),
            n_calls=row.n_calls,
            n_failed=int(row.n_failed),
            mean_seconds=float(row.mean_seconds),
        )
        for row in db.execute(counted.where(mine).group_by(day).order_by(day))
    ]


def last(db: Connection, direction: Direction, *, well: bool) -> dict[NodeName, dt.datetime]:
    """Return when each node was last called, or called us; `well`: with an answer that was one."""
    query = select(exchanges.c.node, func.max(exchanges.c.at).label("at")).where(exchanges.c.direction == direction)
    if well:
        query = query.where(exchanges.c.status.in_(("answered", "200")))
    typed = {NodeName(row.node): row.at for row in db.execute(query.group_by(exchanges.c.node))}
    return {name: at for name, at in typed.items() if at is not None}
