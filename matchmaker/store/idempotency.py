"""Idempotency keys: the same request again gets the first one's outcome, and is not done twice."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, delete, select, update

from matchmaker.errors import Invalid, Issue
from matchmaker.store import dialects
from matchmaker.store.engine import keys_of
from matchmaker.store.tables import idempotency


def claim(db: Connection, who: str, key: str, *, content: str, at: dt.datetime) -> str | None:
    """Take a key for this transaction; return the outcome when the same content came under it before.

    Two requests at once: the second waits here for the first one's commit.

    Raises
    ------
    Invalid
        When another content came under this key.
    """
    row_key, content_key = _row_key(db, who, key), keys_of(db).pseudonym("idempotent content", content)
    row = dialects.insert(db, idempotency).values(key=row_key, content_key=content_key, created_at=at)
    if db.execute(row.on_conflict_do_nothing()).rowcount == 1:
        return None
    before = db.execute(select(idempotency).where(idempotency.c.key == row_key)).one()
    if before.content_key != content_key:
        raise Invalid([Issue(path="Idempotency-Key", message="was used for another content", remedy="use a new key")])
    outcome: str | None = before.outcome
    return outcome


def settle(db: Connection, who: str, key: str, *, outcome: str) -> None:
    """Remember what came of it, in the transaction that claimed the key."""
    db.execute(update(idempotency).where(idempotency.c.key == _row_key(db, who, key)).values(outcome=outcome))


def forget_before(db: Connection, moment: dt.datetime) -> int:
    """Drop old keys; return how many."""
    return db.execute(delete(idempotency).where(idempotency.c.created_at < moment)).rowcount


def _row_key(db: Connection, who: str, key: str) -> str:
    return keys_of(db).pseudonym("idempotency", who, key)
