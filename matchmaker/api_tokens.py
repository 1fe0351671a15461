"""API tokens: what a program may do for the account that it calls for, never more than the account itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from matchmaker import accounts, audit
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import Invalid, Issue, NotFound
from matchmaker.service import Matchmaker
from matchmaker.store import accounts as stored_accounts
from matchmaker.store import api_tokens as stored
from matchmaker.store.api_tokens import ApiToken
from matchmaker.store.engine import Connection

LASTS, LONGEST = dt.timedelta(days=90), dt.timedelta(days=366)
NOTED_EVERY = dt.timedelta(minutes=5)
LONGEST_NAME = 100


class Scope(StrEnum):
    """What a token is good for."""

    TERMS = "terms:read"
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    MATCHES_READ = "matches:read"
    MATCHES_WRITE = "matches:write"
    SEARCH = "searches:write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """For whom a program calls, and with which scopes."""

    user: User
    scopes: frozenset[str]


def issue(
    mm: Matchmaker,
    *,
    name: str,
    scopes: Collection[Scope],
    by: User,
    account_id: str | None = None,
    lasts: dt.timedelta = LASTS,
) -> str:
    """Make a token for the own account, or as an operator for a program's (`account_id`); it is shown once.

    Raises
    ------
    Invalid
        When it has no name or no scope, or would last for more than a year.
    Forbidden
        When it is for somebody else, whose cases an operator must not reach in this way.
    """
    name = " ".join(name.split())
    _check(name, scopes, lasts)
    at = _now()
    with mm.transaction() as db:
        account_id = _whose(db, account_id, by=by)
        token = stored.issue(db, account_id, name=name, scopes=scopes, expires_at=at + lasts, at=at)
        audit.record(db, by, "api token issued", details={"account": account_id, "scopes": len(scopes)})
    return token


def caller_of(mm: Matchmaker, token: str) -> Caller | None:
    """Return for whom this token calls, as the account is now; None when it is not good."""
    at = _now()
    with mm.reading() as db:
        found = stored.find(db, token, at=at)
        if found is None:
            return None
        user = accounts.user_of(db, stored_accounts.get(db, found.account_id))
    if found.used_at is None or found.used_at + NOTED_EVERY <= at:
        mm.note(lambda db: stored.use(db, found.id, at=at))
    return Caller(user=user, scopes=found.scopes)


def list_(mm: Matchmaker, *, by: User, account_id: str | None = None) -> list[ApiToken]:
    """Return the tokens of the own account, or as an operator those of any."""
    with mm.reading() as db:
        return stored.of_account(db, _seen(account_id, by=by), at=_now())


def revoke(mm: Matchmaker, token_id: str, *, by: User, account_id: str | None = None) -> None:
    """Take a token of the own account away, or as an operator one of any.

    Raises
    ------
    NotFound
    """
    with mm.transaction() as db:
        account_id = _seen(account_id, by=by)
        if not stored.revoke(db, account_id, token_id):
            raise NotFound("token", token_id)
        audit.record(db, by, "api token revoked", details={"account": account_id})


def _whose(db: Connection, account_id: str | None, *, by: User) -> str:
    if account_id is None or account_id == by.account_id:
        return by.account_id
    require(by, Action.MANAGE_ACCOUNTS)
    if not stored_accounts.get(db, account_id).service:
        remedy = "people make their own on their account page"
        raise Invalid([Issue(path="account", message="is not a program's", remedy=remedy)])
    return account_id


def _seen(account_id: str | None, *, by: User) -> str:
    if account_id is None or account_id == by.account_id:
        return by.account_id
    require(by, Action.MANAGE_ACCOUNTS)
    return account_id


def _check(name: str, scopes: Collection[Scope], lasts: dt.timedelta) -> None:
    issues = []
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        issues.append(Issue(path="name", message="is needed", remedy=f"name the program, in {LONGEST_NAME} characters"))
    if not scopes:
        issues.append(Issue(path="scopes", message="are needed", remedy="choose at least one"))
    if not dt.timedelta() < lasts <= LONGEST:
        issues.append(Issue(path="lasts", message="is not 1 to 366 days", remedy="choose a shorter time"))
    if issues:
        raise Invalid(issues)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
