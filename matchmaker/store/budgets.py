"""What each node has spent of its budgets, in the database so that it holds over several processes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import Connection, Executable, bindparam, case, select

from matchmaker.model import NodeName
from matchmaker.store import dialects
from matchmaker.store.tables import budgets


class Period(StrEnum):
    MINUTE = "minute"
    DAY = "day"

    def start(self, at: dt.datetime) -> dt.datetime:
        """When the period of this moment began, in UTC."""
        midnight = at.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight if self is Period.DAY else at.astimezone(dt.UTC).replace(second=0, microsecond=0)

    def end(self, at: dt.datetime) -> dt.datetime:
        return self.start(at) + (dt.timedelta(days=1) if self is Period.DAY else dt.timedelta(minutes=1))


def spent(db: Connection, node: NodeName, *, at: dt.datetime) -> dict[Period, int]:
    """Return what a node has spent in the running periods."""
    found = {
        Period(period): n_spent
        for period, started_at, n_spent in db.execute(_SPENT, {"of_node": node})
        if started_at == Period(period).start(at)
    }
    return {period: found.get(period, 0) for period in Period}


def charge(db: Connection, node: NodeName, *, costs: Mapping[Period, int], at: dt.datetime) -> dict[Period, int]:
    """Add to what a node has spent, and return it; a period that is over begins anew.

    The node's rows stay locked until the transaction ends, so that what follows is decided one request after another.
    """
    rows = [
        {"node": node, "period": period, "started_at": period.start(at), "spent": cost}
        for period, cost in sorted(costs.items())
    ]
    db.execute(_charged(db), rows)
    return spent(db, node, at=at)


_SPENT = select(budgets.c.period, budgets.c.started_at, budgets.c.spent).where(budgets.c.node == bindparam("of_node"))


@dialects.once
def _charged(db: Connection) -> Executable:
    statement = dialects.insert(db, budgets)
    new = statement.excluded
    # Clocks of several processes differ by a little: only a later period begins anew.
    running = budgets.c.started_at >= new.started_at
    changes = {
        "spent": case((running, budgets.c.spent + new.spent), else_=new.spent),
        "started_at": case((running, budgets.c.started_at), else_=new.started_at),
    }
    return statement.on_conflict_do_update(index_elements=[budgets.c.node, budgets.c.period], set_=changes)
