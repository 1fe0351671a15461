"""How often somebody tried lately: counted in the database, so that all processes count together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, case, delete, update

from matchmaker.store import dialects
from matchmaker.store.account_tables import attempts
from matchmaker.store.engine import keys_of

_KEPT = dt.timedelta(days=1)  # longer than any window


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How many attempts of a kind one key has within a time."""

    kind: str
    most: int
    within: dt.timedelta


def claim(db: Connection, limit: Limit, who: str, *, at: dt.datetime) -> dt.timedelta | None:
    """Count an attempt before it is made; when it is one too many, return how long to wait."""
    db.execute(delete(attempts).where(attempts.c.since <= at - _KEPT))
    over = attempts.c.since <= at - limit.within
    statement = dialects.insert(db, attempts).values(key=_key(db, limit, who), failures=1, since=at)
    counted = statement.on_conflict_do_update(
        index_elements=[attempts.c.key],
        set_={
            "failures": case((over, 1), else_=attempts.c.failures + 1),
            "since": case((over, at), else_=attempts.c.since),
        },
    ).returning(attempts.c.failures, attempts.c.since)
    row = db.execute(counted).one()
    return row.since + limit.within - at if row.failures > limit.most else None


def forget(db: Connection, limit: Limit, who: str) -> None:
    """Start counting anew."""
    db.execute(delete(attempts).where(attempts.c.key == _key(db, limit, who)))


def give_back(db: Connection, limit: Limit, who: str) -> None:
    """Do not count an attempt that was none."""
    mine = (attempts.c.key == _key(db, limit, who)) & (attempts.c.failures > 0)
    db.execute(update(attempts).where(mine).values(failures=attempts.c.failures - 1))


def _key(db: Connection, limit: Limit, who: str) -> str:
    return keys_of(db).pseudonym("attempts", limit.kind, who)
