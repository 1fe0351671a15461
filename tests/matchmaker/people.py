"""People with accounts, as tests need them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyotp

from matchmaker import accounts, second_factor, signing_in
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.service import Matchmaker
from matchmaker.signing_in import SignedIn
from matchmaker.store import accounts as stored

PASSWORD = "seven quiet herons wade"
ADDRESS = "aoife@dublin.example.org"


def with_account(mm: Matchmaker, email: str = ADDRESS, **stated: Any) -> User:
    """Add an account, of a clinician in Dublin unless stated, that has no password yet."""
    accounts.add(mm, email, **{"role": Role.CLINICIAN, "centre": "Dublin", "by": SYSTEM, **stated})
    return user_of(mm, email)


def with_password(mm: Matchmaker, email: str = ADDRESS, **stated: Any) -> User:
    """Add an account with the password of all of them."""
    token = accounts.add(mm, email, **{"role": Role.CLINICIAN, "centre": "Dublin", "by": SYSTEM, **stated})
    accounts.set_password(mm, token, PASSWORD)
    return user_of(mm, email)


def user_of(mm: Matchmaker, email: str) -> User:
    """Return who acts when somebody of this account does."""
    with mm.reading() as db:
        account = stored.find(db, email)
        assert account is not None
        return accounts.user_of(db, account)


def signed_in(mm: Matchmaker, email: str = ADDRESS, **stated: Any) -> SignedIn:
    """Add an account that is signed in; without a password, which takes a third of a second."""
    user = with_account(mm, email, **stated)
    found = signing_in.signed_in(mm, begun(mm, user, complete=True))
    assert found is not None
    return found


def begun(mm: Matchmaker, user: User, *, complete: bool) -> str:
    """Return the token of a session as it is after the right password."""
    with mm.transaction() as db:
        account = stored.get(db, user.account_id)
        return signing_in.begin(db, account, browser=signing_in.NOWHERE, complete=complete).token


def code_of(secret: str, *, steps: int = 0) -> str:
    """Return what the app shows, or will show some steps of 30 seconds from now."""
    return pyotp.TOTP(secret).at(dt.datetime.now(dt.UTC), counter_offset=steps)


def with_second_factor(mm: Matchmaker, found: SignedIn) -> tuple[str, list[str]]:
    """Switch the second factor on with the code of half a minute ago; return its secret and the recovery codes."""
    secret = second_factor.offer(mm, found.session)
    return secret, second_factor.switch_on(mm, found.session, code_of(secret, steps=-1), by=found.user)
