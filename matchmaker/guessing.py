"""Limits on guessing: for an account from one address, for an account, and for an address.

An account alone is limited generously: whoever knows somebody's address must not be able to lock that person out.
"""

from __future__ import annotations

import datetime as dt

from matchmaker.errors import TooOften
from matchmaker.service import Matchmaker
from matchmaker.store import attempts
from matchmaker.store.attempts import Limit
from matchmaker.store.engine import Connection

_QUARTER, _HOUR = dt.timedelta(minutes=15), dt.timedelta(hours=1)
ACCOUNT_FROM_ADDRESS = Limit(kind="account from address", most=10, within=_QUARTER)
ACCOUNT = Limit(kind="account", most=100, within=_HOUR)
ADDRESS = Limit(kind="address", most=100, within=_QUARTER)
CODE = Limit(kind="code", most=5, within=_QUARTER)  # one of a million, three of which are good
MAILS = Limit(kind="mails", most=3, within=_HOUR)
MAILS_FROM_ADDRESS = Limit(kind="mails from address", most=30, within=_HOUR)

Claims = tuple[tuple[Limit, str], ...]


def password_claims(email: str, address: str) -> Claims:
    """Return what an attempt at a password counts against."""
    email = email.strip().lower()
    return (ACCOUNT_FROM_ADDRESS, f"{email} {address}"), (ACCOUNT, email), (ADDRESS, address)


def count(mm: Matchmaker, claims: Claims) -> None:
    """Count an attempt before it is made, so that many at once are not more than one after another.

    Raises
    ------
    TooOften
    """
    at = dt.datetime.now(dt.UTC)
    with mm.transaction() as db:
        waits = [attempts.claim(db, limit, who, at=at) for limit, who in claims]
    longest = max((wait for wait in waits if wait is not None), default=None)
    if longest is not None:
        raise TooOften(longest)


def succeeded(db: Connection, claims: Claims) -> None:
    """Forget the attempts of who was right: the narrowest count ends, the wider ones lose this one."""
    for place, (limit, who) in enumerate(claims):
        if place == 0:
            attempts.forget(db, limit, who)
        else:
            attempts.give_back(db, limit, who)
