"""Sessions and one-time links: 256 random bits in the hands of somebody, of which only the SHA-256 is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from matchmaker.store.account_tables import links, sessions
from matchmaker.store.engine import keys_of
from matchmaker.store.tables import AnyRow


class Purpose(StrEnum):
    """What a one-time link is good for."""

    PASSWORD = "password"  # noqa: S105 - to set one, for the first time or anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser in which somebody signed in; not `complete` while the second factor is still asked for."""

    id: str
    account_id: str
    complete: bool
    device: str
    created_at: dt.datetime
    seen_at: dt.datetime
    expires_at: dt.datetime


def start(
    db: Connection, account_id: str, *, complete: bool, device: str, expires_at: dt.datetime, at: dt.datetime
) -> str:
    """Begin a session and return its token."""
    token, session_id = secrets.token_urlsafe(32), secrets.token_hex(16)
    db.execute(delete(sessions).where(sessions.c.expires_at <= at))
    db.execute(
        insert(sessions).values(
            hash=_hash(token),
            id=session_id,
            account_id=account_id,
            complete=complete,
            device=keys_of(db).seal(device.encode(), context=_context(session_id)),
            created_at=at,
            seen_at=at,
            expires_at=expires_at,
        )
    )
    return token


def find(db: Connection, token: str, *, at: dt.datetime) -> Session | None:
    """Return the session of a token; None when it ended."""
    query = select(sessions).where(sessions.c.hash == _hash(token), sessions.c.expires_at > at)
    row = db.execute(query).first()
    return None if row is None else _session(db, row)


def of_account(db: Connection, account_id: str, *, at: dt.datetime) -> list[Session]:
    """Return the live sessions of an account, the one used last first."""
    live = (sessions.c.account_id == account_id) & (sessions.c.expires_at > at)
    return [_session(db, row) for row in db.execute(select(sessions).where(live).order_by(sessions.c.seen_at.desc()))]


def see(db: Connection, session_id: str, *, at: dt.datetime) -> None:
    """Note that a session was used."""
    db.execute(update(sessions).where(sessions.c.id == session_id).values(seen_at=at))


def end(db: Connection, session_id: str) -> None:
    """End one session."""
    db.execute(delete(sessions).where(sessions.c.id == session_id))


def end_all(db: Connection, account_id: str, *, but: str | None = None) -> int:
    """End the sessions of an account, `but` one; return how many there were."""
    mine = (sessions.c.account_id == account_id) & (sessions.c.id != (but or ""))
    return db.execute(delete(sessions).where(mine)).rowcount


def issue_link(db: Connection, account_id: str, purpose: Purpose, *, expires_at: dt.datetime) -> str:
    """Make a one-time link and return its token; earlier ones for the same purpose are good no more."""
    revoke_links(db, account_id)
    token = secrets.token_urlsafe(32)
    db.execute(insert(links).values(hash=_hash(token), account_id=account_id, purpose=purpose, expires_at=expires_at))
    return token


def account_of_link(db: Connection, token: str, purpose: Purpose, *, at: dt.datetime) -> str | None:
    """Return whose link this is; None when it was used, replaced, or is too old."""
    good = (links.c.hash == _hash(token)) & (links.c.purpose == purpose) & (links.c.expires_at > at)
    found: str | None = db.scalar(select(links.c.account_id).where(good))
    return found


def revoke_links(db: Connection, account_id: str) -> None:
    """Make the links of an account good for nothing."""
    db.execute(delete(links).where(links.c.account_id == account_id))


def _session(db: Connection, row: AnyRow) -> Session:
    return Session(
        id=row.id,
        account_id=row.account_id,
        complete=row.complete,
        device=keys_of(db).open(row.device, context=_context(row.id)).decode(),
        created_at=row.created_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
    )


def _context(session_id: str) -> str:
    return f"device of session {session_id}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
