"""Cases that a search found, read together instead of one by one."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from matchmaker.model import CaseId, Disclosure, Status, StoredCase
from matchmaker.store import sealing
from matchmaker.store.tables import case_keys, cases

_AT_ONCE = 500  # parameters in one IN: below every database's limit


def load(db: Connection, case_ids: Collection[CaseId]) -> dict[CaseId, StoredCase]:
    """Read the cases that are there and not withdrawn; at most 500."""
    query = select(cases, case_keys.c.salt).join(case_keys)
    wanted = cases.c.id.in_(list(case_ids)[:_AT_ONCE]) & (cases.c.status != Status.WITHDRAWN)
    return {
        CaseId(row.id): StoredCase(
            case=sealing.open_case(db, CaseId(row.id), row),
            version=row.version,
            revision=row.revision,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in db.execute(query.where(wanted))
    }


def versions(db: Connection, case_ids: Collection[CaseId]) -> dict[CaseId, int]:
    """Return the versions in which cases are stored now; at most 500."""
    query = select(cases.c.id, cases.c.version).where(cases.c.id.in_(list(case_ids)[:_AT_ONCE]))
    return {CaseId(row.id): row.version for row in db.execute(query)}


def at_gene_level(db: Connection, case_ids: Collection[CaseId]) -> set[CaseId]:
    """Return those whose owners let peers see a shared gene and nothing else."""
    ids, found = list(case_ids), set()
    for start in range(0, len(ids), _AT_ONCE):
        some = cases.c.id.in_(ids[start : start + _AT_ONCE])
        found |= {
            CaseId(id_) for id_ in db.scalars(select(cases.c.id).where(some, cases.c.disclosure == Disclosure.GENE))
        }
    return found
