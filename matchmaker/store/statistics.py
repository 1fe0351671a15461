"""What is counted for those who run a node: matches by release, and what is still to be done."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, func, select

from matchmaker.store.tables import matches, work
from matchmaker.store.work import Kind


def matches_by_release(db: Connection) -> dict[str, int]:
    """Return how many recorded matches were last computed with each release, the newest release first."""
    query = (
        select(matches.c.release, func.count().label("n"))
        .group_by(matches.c.release)
        .order_by(matches.c.release.desc())
    )
    return {row.release: row.n for row in db.execute(query)}


def n_to_match(db: Connection, *, at: dt.datetime) -> int:
    """Return how many cases wait to be matched."""
    waiting = (work.c.kind == Kind.MATCH) & (work.c.due_at <= at)
    return db.scalar(select(func.count()).select_from(work).where(waiting)) or 0
