"""Single facts that outlive a process, such as with which release everything was matched last."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, select

from matchmaker.store import dialects
from matchmaker.store.alert_tables import marks


def get(db: Connection, name: str) -> str | None:
    """Return what was written under a name; None when nothing was."""
    found: str | None = db.scalar(select(marks.c.value).where(marks.c.name == name))
    return found


def put(db: Connection, name: str, value: str) -> None:
    """Write a fact in place of the one before."""
    row = dialects.insert(db, marks).values(name=name, value=value)
    db.execute(row.on_conflict_do_update(index_elements=[marks.c.name], set_={"value": value}))


def lease(db: Connection, name: str, *, at: dt.datetime, lasts: dt.timedelta) -> bool:
    """Take a lease, in UTC, that nobody holds; False when somebody does. An empty fact frees it."""
    row = dialects.insert(db, marks).values(name=name, value=(at + lasts).isoformat())
    free = row.on_conflict_do_update(
        index_elements=[marks.c.name], set_={"value": row.excluded.value}, where=marks.c.value <= at.isoformat()
    )
    return db.scalar(free.returning(marks.c.name)) is not None
