"""What an account typed into a form and has not saved: one row per form, sealed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, select

from matchmaker.store import dialects
from matchmaker.store.account_tables import drafts
from matchmaker.store.engine import keys_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The fields of a form as they were typed, and when."""

    at: dt.datetime
    fields: Mapping[str, str]


def keep(db: Connection, account_id: str, about: str, fields: Mapping[str, str], *, at: dt.datetime) -> None:
    """Keep what was typed last; what was there before is replaced."""
    sealed = keys_of(db).seal(json.dumps(dict(fields)).encode(), context=_context(account_id, about))
    statement = dialects.insert(db, drafts).values(account_id=account_id, about=about, at=at, sealed=sealed)
    changes = {"at": statement.excluded.at, "sealed": statement.excluded.sealed}
    db.execute(statement.on_conflict_do_update(index_elements=[drafts.c.account_id, drafts.c.about], set_=changes))


def find(db: Connection, account_id: str, about: str) -> Draft | None:
    """Return what was typed into a form, if anything was."""
    row = db.execute(select(drafts).where(_of(account_id, about))).first()
    if row is None:
        return None
    fields: dict[str, str] = json.loads(keys_of(db).open(row.sealed, context=_context(account_id, about)))
    return Draft(at=row.at, fields=fields)


def drop(db: Connection, account_id: str, about: str) -> None:
    """Forget a form, since it was saved or thrown away."""
    db.execute(delete(drafts).where(_of(account_id, about)))


def drop_before(db: Connection, moment: dt.datetime) -> int:
    """Forget what nobody touched since; return how many."""
    return db.execute(delete(drafts).where(drafts.c.at < moment)).rowcount


def _of(account_id: str, about: str) -> ColumnElement[bool]:
    return (drafts.c.account_id == account_id) & (drafts.c.about == about)


def _context(account_id: str, about: str) -> str:
    return f"draft of {account_id} about {about}"
