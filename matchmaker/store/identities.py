"""Who somebody is at the hospital's identity provider: a pseudonym of its name for a person, and our account."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from matchmaker.store.account_tables import identities
from matchmaker.store.engine import keys_of


def find(db: Connection, issuer: str, subject: str) -> str | None:
    """Return the id of the account of this person; None before the first sign-in."""
    key = _key(db, issuer, subject)
    found: str | None = db.scalar(select(identities.c.account_id).where(identities.c.subject_key == key))
    return found


def is_linked(db: Connection, account_id: str) -> bool:
    """Say whether an account belongs to somebody at the provider already."""
    return db.scalar(select(identities.c.account_id).where(identities.c.account_id == account_id)) is not None


def link(db: Connection, issuer: str, subject: str, account_id: str) -> None:
    """Remember that this person is the one of this account."""
    db.execute(insert(identities).values(subject_key=_key(db, issuer, subject), account_id=account_id))


def unlink(db: Connection, account_id: str) -> None:
    """Forget who the one of this account is."""
    db.execute(delete(identities).where(identities.c.account_id == account_id))


def _key(db: Connection, issuer: str, subject: str) -> str:
    return keys_of(db).pseudonym("identity", issuer, subject)
