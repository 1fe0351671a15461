"""What other nodes told us about cases of theirs: withdrawn, erased or corrected, and which of ours it concerned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from matchmaker.model import CaseId, NodeName
from matchmaker.store.case_notices import Kind
from matchmaker.store.exchange_tables import received_about, received_notices
from matchmaker.store.tables import AnyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A notice of a node about its case `other_id`, and how many matches of ours that concerned."""

    node: NodeName
    id: str
    kind: Kind
    other_id: str
    at: dt.datetime
    n_matches: int


def get(db: Connection, node: NodeName, notice_id: str) -> Received | None:
    """Return what was made of a notice; None when it did not come yet."""
    row = db.execute(select(received_notices).filter_by(node=node, id=notice_id)).first()
    return None if row is None else _received(row)


def keep(db: Connection, received: Received, *, case_ids: Sequence[CaseId]) -> None:
    """Keep a notice, and which of our cases it concerned."""
    db.execute(
        insert(received_notices).values(
            node=received.node,
            id=received.id,
            kind=received.kind,
            other_id=received.other_id,
            at=received.at,
            n_matches=received.n_matches,
        )
    )
    rows = [{"node": received.node, "notice_id": received.id, "case_id": case_id} for case_id in sorted(set(case_ids))]
    if rows:
        db.execute(insert(received_about), rows)


def list_(db: Connection, *, case_id: CaseId | None = None, limit: int = 200) -> list[Received]:
    """Return the latest notices, or those that concerned one case of ours, newest first."""
    query = select(received_notices).order_by(received_notices.c.at.desc(), received_notices.c.id).limit(limit)
    if case_id is not None:
        query = query.join(received_about).where(received_about.c.case_id == case_id)
    return [_received(row) for row in db.execute(query)]


def since(db: Connection, moment: dt.datetime) -> list[tuple[CaseId, Received]]:
    """Return the notices since then with each of our cases that they concerned, newest first."""
    query = select(received_notices, received_about.c.case_id).join(received_about)
    query = query.where(received_notices.c.at >= moment).order_by(received_notices.c.at.desc(), received_notices.c.id)
    return [(CaseId(row.case_id), _received(row)) for row in db.execute(query)]


def _received(row: AnyRow) -> Received:
    return Received(
        node=NodeName(row.node),
        id=row.id,
        kind=Kind(row.kind),
        other_id=row.other_id,
        at=row.at,
        n_matches=row.n_matches,
    )
