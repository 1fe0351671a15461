"""Cases that were erased: what indexes follow, and what a restore applies again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import Connection, delete, select

from matchmaker.model import CaseId
from matchmaker.store import dialects
from matchmaker.store.tables import PENDING, cases, tombstones


def all_(db: Connection) -> set[CaseId]:
    """Return every case that was erased here."""
    return {CaseId(case_id) for case_id in db.scalars(select(tombstones.c.case_id))}


def has(db: Connection, case_id: CaseId) -> bool:
    """Say whether a case was erased here."""
    return db.scalar(select(tombstones.c.case_id).where(tombstones.c.case_id == case_id)) is not None


def apply(db: Connection, case_ids: Collection[CaseId], *, at: dt.datetime) -> int:
    """Erase cases again, with all that is held about them, and remember that they are; return how many were there."""
    n_erased = 0
    for case_id in sorted(case_ids):
        n_erased += db.execute(delete(cases).where(cases.c.id == case_id)).rowcount
        row = dialects.insert(db, tombstones).values(case_id=case_id, revision=PENDING, erased_at=at)
        db.execute(row.on_conflict_do_nothing())
    return n_erased
