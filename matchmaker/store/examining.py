"""What tells whether the database is well: its pages, its clock, and what waits too long."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, func, select, text

from matchmaker.model import NodeName, Status
from matchmaker.store.tables import audit, cases, tokens, work


def faults(db: Connection) -> list[str]:
    """Read all pages of a SQLite database and return what is wrong; PostgreSQL looks after its own."""
    if db.dialect.name != "sqlite":
        return []
    found = [str(row[0]) for row in db.execute(text("PRAGMA quick_check(5)"))]
    return [] if found == ["ok"] else found


def clock(db: Connection) -> dt.datetime | None:
    """Return the time of the database's machine; None for SQLite, which has no other."""
    if db.dialect.name == "sqlite":
        return None
    now: dt.datetime | None = db.scalar(text("SELECT clock_timestamp()"))
    return now


def newest_entry(db: Connection) -> dt.datetime | None:
    """Return when the audit log was last written to."""
    found: dt.datetime | None = db.scalar(select(audit.c.at).order_by(audit.c.number.desc()).limit(1))
    return found


def n_overdue(db: Connection, *, before: dt.datetime) -> int:
    """Return how much work was due before a moment, was never begun, and nobody holds."""
    waiting = (work.c.due_at < before) & (work.c.attempts == 0) & work.c.lease.is_(None)
    return db.scalar(select(func.count()).select_from(work).where(waiting)) or 0


def n_matchable(db: Connection) -> int:
    """Return how many cases the index must hold."""
    return db.scalar(select(func.count()).select_from(cases).where(cases.c.status != Status.WITHDRAWN)) or 0


def expiring(db: Connection, *, before: dt.datetime) -> list[NodeName]:
    """Return the nodes whose last token for asking us ends before a moment."""
    ends = func.max(tokens.c.expires_at)
    query = select(tokens.c.node).group_by(tokens.c.node).having(ends < before).order_by(tokens.c.node)
    return [NodeName(name) for name in db.scalars(query)]
