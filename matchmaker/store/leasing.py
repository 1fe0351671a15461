"""Taking rows that are due, with a lease: several workers at once never take the same."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Table, or_, select, true, update

from matchmaker.store.tables import AnyRow
from matchmaker.store.work import LEASE


def take(
    db: Connection, table: Table, *, at: dt.datetime, limit: int, where: ColumnElement[bool] | None = None
) -> Sequence[AnyRow]:
    """Return rows that are due and free, longest due first, leased and with one attempt more."""
    free = or_(table.c.lease_until.is_(None), table.c.lease_until <= at)
    due = (table.c.due_at <= at) & free & (true() if where is None else where)
    chosen = select(table.c.id).where(due).order_by(table.c.due_at, table.c.id).limit(limit)
    ids = chosen.with_for_update(skip_locked=True).cte("due")
    taken = (
        update(table)
        .where(table.c.id.in_(select(ids.c.id)))
        .values(lease=secrets.token_hex(16), lease_until=at + LEASE, attempts=table.c.attempts + 1)
        .returning(table)
    )
    return db.execute(taken).all()
