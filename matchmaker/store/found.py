"""Cases that a search found, read together instead of one by one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, select

from matchmaker.model import CaseId, Disclosure, Status, StoredCase
from matchmaker.store import dialects, sealing
from matchmaker.store.tables import case_keys, cases


def load(db: Connection, case_ids: Collection[CaseId]) -> dict[CaseId, StoredCase]:
    """Read the cases that are there and not withdrawn."""
    return {
        CaseId(row.id): StoredCase(
            case=sealing.open_case(db, CaseId(row.id), row),
            version=row.version,
            revision=row.revision,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in db.execute(_cases(db), {"ids": list(case_ids)}).all()
    }


def newest(db: Connection, most: int) -> list[CaseId]:
    """Return the ids of the cases changed last that are not withdrawn, the newest first."""
    query = select(cases.c.id).where(cases.c.status != Status.WITHDRAWN).order_by(cases.c.revision.desc()).limit(most)
    return [CaseId(case_id) for (case_id,) in db.execute(query).all()]


def versions(db: Connection, case_ids: Collection[CaseId]) -> dict[CaseId, int]:
    """Return the versions in which cases are stored now."""
    if not case_ids:
        return {}
    return {CaseId(id_): version for id_, version in db.execute(_versions(db), {"ids": list(case_ids)}).all()}


def hold(db: Connection, case_ids: Collection[CaseId]) -> dict[CaseId, int]:
    """Return the versions of cases that nobody changes, withdraws or erases before this transaction ends."""
    if not case_ids:
        return {}
    return {CaseId(id_): version for id_, version in db.execute(_held(db), {"ids": list(case_ids)})}


def at_gene_level(db: Connection, case_ids: Collection[CaseId]) -> set[CaseId]:
    """Return those whose owners let peers see a shared gene and nothing else."""
    if not case_ids:
        return set()
    return {CaseId(id_) for (id_,) in db.execute(_at_gene_level(db), {"ids": list(case_ids)}).all()}


@dialects.once
def _cases(db: Connection) -> Select[*tuple[Any, ...]]:
    wanted = dialects.among(db, cases.c.id, "ids") & (cases.c.status != Status.WITHDRAWN)
    return select(cases, case_keys.c.salt).join(case_keys).where(wanted)


@dialects.once
def _versions(db: Connection) -> Select[str, int]:
    return select(cases.c.id, cases.c.version).where(dialects.among(db, cases.c.id, "ids"))


@dialects.once
def _held(db: Connection) -> Select[str, int]:
    return _versions(db).order_by(cases.c.id).with_for_update(read=True)


@dialects.once
def _at_gene_level(db: Connection) -> Select[str]:
    wanted = dialects.among(db, cases.c.id, "ids")
    return select(cases.c.id).where(wanted, cases.c.disclosure == Disclosure.GENE)
