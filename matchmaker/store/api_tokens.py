"""Tokens with which programs call the API: 256 random bits, shown once, of which only the SHA-256 is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from matchmaker.model import Sharing
from matchmaker.store.account_tables import accounts, api_tokens
from matchmaker.store.tables import AnyRow

LASTS = dt.timedelta(days=90)
PREFIX = "mmk_"  # by which scanners of repositories recognise a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """What is known of a token, beside the token itself."""

    id: str
    account_id: str
    name: str
    scopes: frozenset[str]
    sharing: Sharing  # of records that are sent with it and state no level
    basis: str | None  # GDPR art. 6, of those that state none
    created_at: dt.datetime
    used_at: dt.datetime | None
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """What a token is to be good for; level and basis are for records that are sent with it and state none."""

    name: str
    scopes: Collection[str]
    lasts: dt.timedelta = LASTS
    sharing: Sharing = Sharing.PRIVATE
    basis: str | None = None


def issue(db: Connection, account_id: str, new: NewToken, *, at: dt.datetime) -> str:
    """Make a token for an account and return it; those that are too old go."""
    token = PREFIX + secrets.token_urlsafe(32)
    db.execute(delete(api_tokens).where(api_tokens.c.expires_at <= at))
    row = {
        "hash": _hash(token),
        "id": secrets.token_hex(16),
        "account_id": account_id,
        "name": new.name,
        "scopes": " ".join(sorted(new.scopes)),
        "sharing": new.sharing,
        "basis": new.basis,
        "created_at": at,
        "expires_at": at + new.lasts,
    }
    db.execute(insert(api_tokens), row)
    return token


def find(db: Connection, token: str, *, at: dt.datetime) -> ApiToken | None:
    """Return what is known of a token; None when it is not good, or its account is disabled."""
    # Looked up by hash: how long the comparison takes says nothing about the token.
    good = (api_tokens.c.hash == _hash(token)) & (api_tokens.c.expires_at > at)
    row = db.execute(select(api_tokens).join(accounts).where(good & accounts.c.enabled)).first()
    return None if row is None else _token(row)


def of_account(db: Connection, account_id: str, *, at: dt.datetime) -> list[ApiToken]:
    """Return the tokens of an account that are still good, the newest first."""
    good = (api_tokens.c.account_id == account_id) & (api_tokens.c.expires_at > at)
    return [_token(row) for row in db.execute(select(api_tokens).where(good).order_by(api_tokens.c.created_at.desc()))]


def use(db: Connection, token_id: str, *, at: dt.datetime) -> None:
    """Note that a token was used."""
    db.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(used_at=at))


def revoke(db: Connection, account_id: str, token_id: str) -> bool:
    """Take a token of an account away; False when it has none of that id."""
    mine = (api_tokens.c.account_id == account_id) & (api_tokens.c.id == token_id)
    return db.execute(delete(api_tokens).where(mine)).rowcount > 0


def revoke_all(db: Connection, account_id: str) -> int:
    """Take all tokens of an account away; return how many it had."""
    return db.execute(delete(api_tokens).where(api_tokens.c.account_id == account_id)).rowcount


def _token(row: AnyRow) -> ApiToken:
    return ApiToken(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        scopes=frozenset(row.scopes.split()),
        sharing=Sharing(row.sharing),
        basis=row.basis,
        created_at=row.created_at,
        used_at=row.used_at,
        expires_at=row.expires_at,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
