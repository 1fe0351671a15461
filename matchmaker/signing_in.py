"""Signing in and out: a session per browser, kept in the database so that every process knows when it ends."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from matchmaker import accounts, audit, passwords
from matchmaker.actors import User
from matchmaker.errors import Unauthorised, Unavailable
from matchmaker.service import Matchmaker
from matchmaker.store import accounts as stored
from matchmaker.store import sessions
from matchmaker.store.accounts import Account
from matchmaker.store.sessions import Session

LASTS = dt.timedelta(hours=12)  # a working day
IDLE = dt.timedelta(hours=2)
NOTED_EVERY = dt.timedelta(minutes=5)  # that a session is in use is not worth a write with each request
LONGEST_DEVICE = 300
REFUSED = "The address or the password is not right."


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who acts in this request, and by which session."""

    user: User
    account: Account
    session: Session


def sign_in(mm: Matchmaker, email: str, password: str, *, device: str = "") -> str:
    """Begin a session and return its token.

    Raises
    ------
    Unauthorised
        In the same words and after the same time, whether the address, the password or the account is not right.
    """
    with mm.reading() as db:
        account = stored.find(db, email.strip())
        hashed = stored.password_of(db, account.id) if account and account.enabled else None
    if not passwords.fits(hashed, password) or account is None:
        raise Unauthorised(REFUSED)
    at = _now()
    with mm.transaction() as db:
        if stored.password_of(db, account.id) != hashed:
            raise Unauthorised(REFUSED)
        token = sessions.start(
            db, account.id, complete=True, device=device[:LONGEST_DEVICE], expires_at=at + LASTS, at=at
        )
        stored.change(db, account.id, signed_in_at=at)
        audit.record(db, accounts.user_of(db, account), "signed in")
    return token


def signed_in(mm: Matchmaker, token: str) -> SignedIn | None:
    """Return whose session this is, as the account is now; None when it ended, or was left alone for too long."""
    at = _now()
    with mm.reading() as db:
        session = sessions.find(db, token, at=at)
        if session is None or not session.complete or session.seen_at + IDLE <= at:
            return None
        account = stored.get(db, session.account_id)
        if not account.enabled:
            return None
        found = SignedIn(user=accounts.user_of(db, account), account=account, session=session)
    if session.seen_at + NOTED_EVERY <= at:
        _note(mm, session, at=at)
    return found


def sign_out(mm: Matchmaker, token: str) -> None:
    """End the session of this token, if there is one."""
    with mm.transaction() as db:
        session = sessions.find(db, token, at=_now())
        if session is None:
            return
        sessions.end(db, session.id)
        user = accounts.user_of(db, stored.get(db, session.account_id))
        audit.record(db, user, "signed out")


def _note(mm: Matchmaker, session: Session, *, at: dt.datetime) -> None:
    try:
        with mm.transaction() as db:
            sessions.see(db, session.id, at=at)
    except Unavailable:
        pass  # a full disk stops writing, not reading


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
