"""What an import would store, as it was shown to somebody: one for an account, sealed."""

from __future__ import annotations

import datetime as dt
import secrets
import zlib

from sqlalchemy import Connection, delete, select

from matchmaker.store import dialects
from matchmaker.store.account_tables import dry_runs
from matchmaker.store.engine import keys_of


def keep(db: Connection, account_id: str, text: str, *, at: dt.datetime) -> str:
    """Keep what was shown last, in place of what was before; return its id."""
    id_ = secrets.token_hex(16)
    sealed = keys_of(db).seal(zlib.compress(text.encode()), context=_context(account_id, id_))
    statement = dialects.insert(db, dry_runs).values(account_id=account_id, id=id_, at=at, sealed=sealed)
    changes = {name: statement.excluded[name] for name in ("id", "at", "sealed")}
    db.execute(statement.on_conflict_do_update(index_elements=[dry_runs.c.account_id], set_=changes))
    return id_


def find(db: Connection, account_id: str) -> tuple[str, dt.datetime, str] | None:
    """Return the id, the time and the text of what was shown last."""
    row = db.execute(select(dry_runs).where(dry_runs.c.account_id == account_id)).first()
    if row is None:
        return None
    packed = keys_of(db).open(row.sealed, context=_context(account_id, row.id))
    return row.id, row.at, zlib.decompress(packed).decode()


def drop(db: Connection, account_id: str) -> None:
    """Forget it, since it was stored or thrown away."""
    db.execute(delete(dry_runs).where(dry_runs.c.account_id == account_id))


def drop_before(db: Connection, moment: dt.datetime) -> int:
    """Forget what was shown before a moment; return how many."""
    return db.execute(delete(dry_runs).where(dry_runs.c.at < moment)).rowcount


def _context(account_id: str, id_: str) -> str:
    return f"dry run {id_} of {account_id}"
