"""API tokens: what a program may do for the account that it calls for, never more than the account itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum

from matchmaker import accounts, audit
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import Invalid, Issue, NotFound
from matchmaker.model import Sharing
from matchmaker.service import Matchmaker
from matchmaker.store import accounts as stored_accounts
from matchmaker.store import api_tokens as stored
from matchmaker.store.api_tokens import LASTS, ApiToken, NewToken
from matchmaker.store.engine import Connection
from matchmaker.texts import gettext as _

__all__ = ["LASTS", "ApiToken", "Caller", "NewToken", "Scope", "caller_of", "issue", "list_", "revoke"]

LONGEST = dt.timedelta(days=366)
NOTED_EVERY = dt.timedelta(minutes=5)
LONGEST_NAME, LONGEST_BASIS = 100, 255


class Scope(StrEnum):
    """What a token is good for."""

    TERMS = "terms:read"
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    MATCHES_READ = "matches:read"
    MATCHES_WRITE = "matches:write"
    SEARCH = "searches:write"
    SUBMIT = "submit"  # at the addresses that patientMatcher has


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """For whom a program calls, and with which scopes."""

    user: User
    scopes: frozenset[str]
    sharing: Sharing = Sharing.PRIVATE  # of records that state no level
    basis: str | None = None  # of records that state none


def issue(mm: Matchmaker, new: NewToken, *, by: User, account_id: str | None = None) -> str:
    """Make a token for the own account, or as an operator for a program's (`account_id`); it is shown once.

    Raises
    ------
    Invalid
        When it has no name or no scope, would last for more than a year, or shares without a basis.
    Forbidden
        When it is for somebody else, whose cases an operator must not reach in this way.
    """
    new = replace(new, name=" ".join(new.name.split()), basis=" ".join((new.basis or "").split()) or None)
    _check(new)
    at = _now()
    with mm.transaction() as db:
        account_id = _whose(db, account_id, by=by)
        token = stored.issue(db, account_id, new, at=at)
        details: dict[str, int | str] = {"account": account_id, "scopes": len(new.scopes), "sharing": new.sharing.value}
        audit.record(db, by, "api token issued", details=details)
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
    return Caller(user=user, scopes=found.scopes, sharing=found.sharing, basis=found.basis)


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
        remedy = _("people make their own on their account page")
        raise Invalid([Issue(path="account", message=_("is not a program's"), remedy=remedy)])
    return account_id


def _seen(account_id: str | None, *, by: User) -> str:
    if account_id is None or account_id == by.account_id:
        return by.account_id
    require(by, Action.MANAGE_ACCOUNTS)
    return account_id


def _check(new: NewToken) -> None:
    issues = []
    if not 1 <= len(new.name) <= LONGEST_NAME or not new.name.isprintable():
        issues.append(
            Issue(
                path="name",
                message=_("is needed"),
                remedy=_("name the program, in %(most)s characters", most=LONGEST_NAME),
            )
        )
    if not new.scopes:
        issues.append(Issue(path="scopes", message=_("are needed"), remedy=_("choose at least one")))
    if not dt.timedelta() < new.lasts <= LONGEST:
        issues.append(Issue(path="lasts", message=_("is not 1 to 366 days"), remedy=_("choose a shorter time")))
    if new.sharing is not Sharing.PRIVATE and new.basis is None:
        remedy = _("state one, such as consent, or leave the level private")
        issues.append(Issue(path="basis", message=_("is needed where records are shared"), remedy=remedy))
    if len(new.basis or "") > LONGEST_BASIS:
        issues.append(
            Issue(
                path="basis", message=_("is too long"), remedy=_("use at most %(most)s characters", most=LONGEST_BASIS)
            )
        )
    if issues:
        raise Invalid(issues)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
