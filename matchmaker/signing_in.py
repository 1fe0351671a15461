"""Signing in and out: a session per browser, kept in the database so that every process knows when it ends."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from matchmaker import accounts, audit, guessing, passwords, second_factor
from matchmaker.actors import Role, User
from matchmaker.errors import Invalid, TooOften, Unauthorised
from matchmaker.service import Matchmaker
from matchmaker.store import accounts as stored
from matchmaker.store import sessions
from matchmaker.store.accounts import Account
from matchmaker.store.engine import Connection
from matchmaker.store.sessions import Session
from matchmaker.texts import gettext as _
from matchmaker.texts import later

LASTS = dt.timedelta(hours=12)  # a working day
IDLE = dt.timedelta(hours=2)
WAITS_FOR_CODE = dt.timedelta(minutes=10)
NOTED_EVERY = dt.timedelta(minutes=5)  # that a session is in use is not worth a write with each request
LONGEST_DEVICE = 300
REFUSED = later("The address or the password is not right.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """What is known of where somebody signs in: what it says it is, and its address."""

    name: str = ""
    address: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.address})"[:LONGEST_DEVICE]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who acts in this request, and by which session."""

    user: User
    account: Account
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A session's token; not `complete` while a code of the second factor is needed."""

    token: str
    complete: bool


NOWHERE = Browser()


def sign_in(mm: Matchmaker, email: str, password: str, *, browser: Browser = NOWHERE) -> Begun:
    """Begin a session; for an account with a second factor, one that `complete` must complete.

    Raises
    ------
    Unauthorised
        In the same words and after the same time, whether the address, the password or the account is not right.
    TooOften
        When there were too many attempts, right or wrong.
    """
    claims = guessing.password_claims(email, browser.address)
    guessing.count(mm, claims)
    with mm.reading() as db:
        account = stored.find(db, email.strip())
        hashed = stored.password_of(db, account.id) if account and account.enabled else None
    if not passwords.fits(hashed, password) or account is None:
        _refused(mm, email)
        raise Unauthorised(_(REFUSED))
    renewed = passwords.hashed(password) if hashed is not None and passwords.outdated(hashed) else None
    with mm.transaction() as db:
        if stored.password_of(db, account.id) != hashed:
            raise Unauthorised(_(REFUSED))
        guessing.succeeded(db, claims)
        if renewed is not None:
            stored.change(db, account.id, password=renewed)
        return begin(db, account, browser=browser, complete=not account.has_second_factor)


def begin(db: Connection, account: Account, *, browser: Browser, complete: bool) -> Begun:
    """Begin a session for who has proved to be somebody."""
    at = dt.datetime.now(dt.UTC)
    expires_at = at + (LASTS if complete else WAITS_FOR_CODE)
    token = sessions.start(db, account.id, complete=complete, device=str(browser), expires_at=expires_at, at=at)
    if complete:
        stored.change(db, account.id, signed_in_at=at)
        audit.record(db, accounts.user_of(db, account), "signed in")
    return Begun(token=token, complete=complete)


def complete(mm: Matchmaker, token: str, code: str, *, browser: Browser = NOWHERE) -> str:
    """Take the code of the second factor; return the token of a session in place of the one that waited.

    Raises
    ------
    Unauthorised
        When nobody is waiting with this token, or no more.
    Invalid
        When the code is wrong.
    TooOften
    """
    account_id = waiting(mm, token)
    if account_id is None:
        raise Unauthorised(_("Sign in again: that took too long."))
    try:
        second_factor.check(mm, account_id, code)
    except (Invalid, TooOften):
        with mm.transaction() as db:
            user = accounts.user_of(db, stored.get(db, account_id))
            audit.record(db, user, "sign-in refused", details={"for": "code"})
        raise
    with mm.transaction() as db:
        waited = sessions.find(db, token, at=_now())
        if waited is None:
            raise Unauthorised(_("Sign in again: that took too long."))
        sessions.end(db, waited.id)
        return begin(db, stored.get(db, account_id), browser=browser, complete=True).token


def waiting(mm: Matchmaker, token: str) -> str | None:
    """Return whose session waits for a code; None when none does."""
    with mm.reading() as db:
        session = sessions.find(db, token, at=_now())
    return None if session is None or session.complete else session.account_id


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
        mm.note(lambda db: sessions.see(db, session.id, at=at))
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


def _refused(mm: Matchmaker, email: str) -> None:
    """Write down that somebody failed, in the same way for an address that nobody has."""
    with mm.transaction() as db:
        who = User(email=email.strip().lower(), role=Role.CLINICIAN)
        audit.record(db, who, "sign-in refused", details={"for": "password"})


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
