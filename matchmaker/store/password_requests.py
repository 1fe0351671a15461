"""Who asked for a new password by mail: a row per account until the mail is handed over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from matchmaker.store import dialects
from matchmaker.store.account_tables import password_requests
from matchmaker.store.work import LEASE, delay_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One that this worker holds until its lease ends."""

    account_id: str
    attempts: int


def add(db: Connection, account_id: str, *, at: dt.datetime) -> None:
    """Let a mail be sent; one that waits already is enough."""
    row = {"account_id": account_id, "due_at": at, "attempts": 0}
    db.execute(dialects.insert(db, password_requests).on_conflict_do_nothing(), row)


def claim(db: Connection, *, at: dt.datetime) -> Request | None:
    """Take the request that has waited longest, for as long as a lease."""
    due = select(password_requests.c.account_id).where(password_requests.c.due_at <= at)
    first = due.order_by(password_requests.c.due_at).limit(1).with_for_update(skip_locked=True)
    account_id = db.scalar(first)
    if account_id is None:
        return None
    mine = password_requests.c.account_id == account_id
    taken = update(password_requests).where(mine).values(due_at=at + LEASE, attempts=password_requests.c.attempts + 1)
    n_attempts = db.execute(taken.returning(password_requests.c.attempts)).scalar_one()
    return Request(account_id=account_id, attempts=n_attempts)


def put_off(db: Connection, request: Request, *, at: dt.datetime) -> None:
    """Try again later."""
    later = at + delay_after(request.attempts)
    db.execute(
        update(password_requests).where(password_requests.c.account_id == request.account_id).values(due_at=later)
    )


def done(db: Connection, account_id: str) -> None:
    """Forget a request: its mail is out, or nobody waits for it any more."""
    db.execute(delete(password_requests).where(password_requests.c.account_id == account_id))
