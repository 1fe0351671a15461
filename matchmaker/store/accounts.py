"""Accounts and their centres. Addresses are sealed, and found by their pseudonym."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select, update

from matchmaker.actors import Role
from matchmaker.errors import NotFound
from matchmaker.store import dialects
from matchmaker.store.account_tables import accounts, centres
from matchmaker.store.engine import keys_of
from matchmaker.store.tables import AnyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may sign in, or a program (`service`) that may call the API."""

    id: str
    email: str
    role: Role
    centre: str | None
    centre_id: str | None
    service: bool
    enabled: bool
    has_password: bool
    has_second_factor: bool
    language: str | None
    created_at: dt.datetime
    signed_in_at: dt.datetime | None


def add(
    db: Connection, email: str, *, role: Role, centre_id: str | None, at: dt.datetime, service: bool = False
) -> str | None:
    """Add an account and return its id; None when the address has one already."""
    account_id = secrets.token_hex(16)
    row = {
        "id": account_id,
        "email_key": _email_key(db, email),
        "email": keys_of(db).seal(email.encode(), context=_context(account_id)),
        "role": role,
        "centre_id": centre_id,
        "service": service,
        "enabled": True,
        "created_at": at,
    }
    added = dialects.insert(db, accounts).on_conflict_do_nothing().returning(accounts.c.id)
    return account_id if db.execute(added, row).first() is not None else None


def get(db: Connection, account_id: str) -> Account:
    """Return an account; NotFound when there is none."""
    row = db.execute(_query().where(accounts.c.id == account_id)).first()
    if row is None:
        raise NotFound("account", account_id)
    return _account(db, row)


def find(db: Connection, email: str) -> Account | None:
    """Return the account of an address, in whatever case it is written."""
    row = db.execute(_query().where(accounts.c.email_key == _email_key(db, email))).first()
    return None if row is None else _account(db, row)


def language_of(db: Connection, email: str) -> str | None:
    """Return the language that somebody chose who has an account; None: no choice, or no account."""
    account = find(db, email)
    return None if account is None else account.language


def list_(db: Connection) -> list[Account]:
    """Return all accounts by address, disabled ones too."""
    return sorted((_account(db, row) for row in db.execute(_query())), key=lambda account: account.email)


def password_of(db: Connection, account_id: str) -> str | None:
    """Return the hash of an account's password; None when none was set yet."""
    password: str | None = db.scalar(select(accounts.c.password).where(accounts.c.id == account_id))
    return password


def change(db: Connection, account_id: str, **values: Any) -> None:
    """Write columns of an account; NotFound when there is none."""
    if db.execute(update(accounts).where(accounts.c.id == account_id).values(values)).rowcount == 0:
        raise NotFound("account", account_id)


def colleagues(db: Connection, centre_id: str | None) -> Iterator[str]:
    """Yield the addresses of a centre's accounts, disabled ones too: their cases are still the centre's."""
    if centre_id is not None:
        query = select(accounts.c.id, accounts.c.email).where(accounts.c.centre_id == centre_id)
        for row in db.execute(query):
            yield _open(db, row)


def centre(db: Connection, name: str, *, at: dt.datetime) -> str:
    """Return the id of the centre of that name; one that is not there is made."""
    new = {"id": secrets.token_hex(16), "name": name, "created_at": at}
    db.execute(dialects.insert(db, centres).on_conflict_do_nothing(), new)
    found: str = db.execute(select(centres.c.id).where(centres.c.name == name)).scalar_one()
    return found


def centre_names(db: Connection) -> dict[str, str]:
    """Return the name of each centre by its id, in the order of the names."""
    return {row.id: row.name for row in db.execute(select(centres.c.id, centres.c.name).order_by(centres.c.name))}


def rename_centre(db: Connection, centre_id: str, name: str) -> None:
    """Call a centre something else; NotFound when there is none."""
    if db.execute(update(centres).where(centres.c.id == centre_id).values(name=name)).rowcount == 0:
        raise NotFound("centre", centre_id)


def _query() -> Select[*tuple[Any, ...]]:
    return select(accounts, centres.c.name.label("centre")).outerjoin(centres)


def _account(db: Connection, row: AnyRow) -> Account:
    return Account(
        id=row.id,
        email=_open(db, row),
        role=Role(row.role),
        centre=row.centre,
        centre_id=row.centre_id,
        service=row.service,
        enabled=row.enabled,
        has_password=row.password is not None,
        has_second_factor=row.totp is not None,
        language=row.language,
        created_at=row.created_at,
        signed_in_at=row.signed_in_at,
    )


def _open(db: Connection, row: AnyRow) -> str:
    return keys_of(db).open(row.email, context=_context(row.id)).decode()


def _context(account_id: str) -> str:
    return f"address of {account_id}"


def _email_key(db: Connection, email: str) -> str:
    return keys_of(db).pseudonym("account", email.lower())
