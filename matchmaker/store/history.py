"""Earlier versions of a case: kept when it is changed, gone when it is erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from matchmaker.model import Case, CaseId
from matchmaker.store import sealing
from matchmaker.store.tables import case_keys, case_revisions, cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """A case as it was from `updated_at` until the next version."""

    case: Case
    version: int
    updated_at: dt.datetime


def keep(db: Connection, case_ids: Sequence[CaseId]) -> None:
    """Copy the stored versions, about to be replaced, as they are: still sealed."""
    names = ["case_id", "version", "updated_at", "profile", "sealed"]
    current = select(cases.c.id, cases.c.version, cases.c.updated_at, cases.c.profile, cases.c.sealed)
    db.execute(insert(case_revisions).from_select(names, current.where(cases.c.id.in_(case_ids))))


def of_case(db: Connection, case_id: CaseId) -> list[Superseded]:
    """Return the earlier versions, oldest first."""
    query = (
        select(case_revisions, case_keys.c.salt)
        .join(case_keys, case_keys.c.case_id == case_revisions.c.case_id)
        .where(case_revisions.c.case_id == case_id)
        .order_by(case_revisions.c.version)
    )
    return [
        Superseded(
            case=sealing.open_case(db, case_id, row),
            version=row.version,
            updated_at=row.updated_at,
        )
        for row in db.execute(query)
    ]
