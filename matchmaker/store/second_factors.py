"""The second factor of an account: its secret, sealed; the last time step used; and hashes of recovery codes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, or_, select, update

from matchmaker.store.account_tables import accounts, recovery_codes
from matchmaker.store.engine import keys_of


def switch_on(db: Connection, account_id: str, secret: str, *, used: int) -> None:
    """Store the secret; the step that proved it is used."""
    sealed = keys_of(db).seal(secret.encode(), context=_context(account_id))
    db.execute(update(accounts).where(accounts.c.id == account_id).values(totp=sealed, totp_used=used))


def switch_off(db: Connection, account_id: str) -> None:
    """Forget the secret and the recovery codes."""
    db.execute(update(accounts).where(accounts.c.id == account_id).values(totp=None, totp_used=None))
    replace_recovery_codes(db, account_id, [])


def secret_of(db: Connection, account_id: str) -> str | None:
    """Return the secret; None when the account has no second factor."""
    sealed = db.scalar(select(accounts.c.totp).where(accounts.c.id == account_id))
    return None if sealed is None else keys_of(db).open(sealed, context=_context(account_id)).decode()


def use(db: Connection, account_id: str, step: int) -> bool:
    """Use up a time step; False when its code, or a later one, was used before."""
    fresh = (accounts.c.id == account_id) & or_(accounts.c.totp_used.is_(None), accounts.c.totp_used < step)
    return db.execute(update(accounts).where(fresh).values(totp_used=step)).rowcount > 0


def use_recovery_code(db: Connection, account_id: str, code: str) -> bool:
    """Use up a recovery code; False when it is none."""
    mine = (recovery_codes.c.account_id == account_id) & (recovery_codes.c.hash == _hash(account_id, code))
    return db.execute(delete(recovery_codes).where(mine)).rowcount > 0


def n_recovery_codes(db: Connection, account_id: str) -> int:
    """Return how many recovery codes are left."""
    return len(db.scalars(select(recovery_codes.c.hash).where(recovery_codes.c.account_id == account_id)).all())


def replace_recovery_codes(db: Connection, account_id: str, codes: Sequence[str]) -> None:
    """Keep the hashes of these, of no other code of the account."""
    db.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    if codes:
        db.execute(
            insert(recovery_codes), [{"hash": _hash(account_id, code), "account_id": account_id} for code in codes]
        )


def _hash(account_id: str, code: str) -> str:
    # A fast hash is enough for what has 112 random bits or more (`second_factor.GROUPS`).
    return hashlib.sha256(f"{account_id} {code}".encode("utf-8", "surrogatepass")).hexdigest()


def _context(account_id: str) -> str:
    return f"second factor of {account_id}"
