"""Live searches: one row for each node that a case asks just now, so that any process can show how far it is.

Results are not here: they are recorded as matches, and a row holds only which.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from matchmaker.errors import NotFound
from matchmaker.model import CaseId, NodeName
from matchmaker.store.exchange_tables import search_answers, searches
from matchmaker.store.tables import AnyRow

ASKING = "asking"  # the state of a node that has not answered yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A case that asks nodes; by `ends_at` each has an answer or a fault."""

    id: str
    case_id: CaseId
    started_at: dt.datetime
    ends_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRow:
    """How one node stands in a search; `state` is `asking` or a state of `federation.search`."""

    node: NodeName
    state: str = ASKING
    seconds: float = 0.0
    n_results: int = 0
    n_dropped: int = 0
    error: str | None = None
    match_ids: tuple[str, ...] = ()


def begin(
    db: Connection, case_id: CaseId, *, nodes: Sequence[NodeName], at: dt.datetime, ends_at: dt.datetime
) -> Search:
    """Begin a search in which every node is still to answer."""
    search = Search(id=secrets.token_hex(16), case_id=case_id, started_at=at, ends_at=ends_at)
    db.execute(insert(searches).values(id=search.id, case_id=case_id, started_at=at, ends_at=ends_at))
    if nodes:
        db.execute(insert(search_answers), [{"search_id": search.id, **_spelled(NodeRow(node=name))} for name in nodes])
    return search


def latest(db: Connection, case_id: CaseId) -> Search | None:
    """Return a case's search that was begun last."""
    newest_first = select(searches).where(searches.c.case_id == case_id).order_by(searches.c.started_at.desc())
    row = db.execute(newest_first.limit(1)).first()
    return None if row is None else _search(row)


def get(db: Connection, search_id: str) -> Search:
    """Return a search; NotFound when there is none, or none any more."""
    row = db.execute(select(searches).where(searches.c.id == search_id)).first()
    if row is None:
        raise NotFound("search", search_id)
    return _search(row)


def settle(db: Connection, search_id: str, row: NodeRow) -> None:
    """Write down how a node answered."""
    here = (search_answers.c.search_id == search_id) & (search_answers.c.node == row.node)
    db.execute(update(search_answers).where(here).values(**_spelled(row)))


def rows(db: Connection, search_id: str) -> list[NodeRow]:
    """Return how every node stands, by name."""
    query = select(search_answers).where(search_answers.c.search_id == search_id).order_by(search_answers.c.node)
    return [
        NodeRow(
            node=NodeName(row.node),
            state=row.state,
            seconds=row.seconds,
            n_results=row.n_results,
            n_dropped=row.n_dropped,
            error=row.error,
            match_ids=tuple(json.loads(row.match_ids)),
        )
        for row in db.execute(query)
    ]


def forget_before(db: Connection, moment: dt.datetime) -> int:
    """Drop searches that began before; return how many."""
    return db.execute(delete(searches).where(searches.c.started_at < moment)).rowcount


def _spelled(row: NodeRow) -> dict[str, object]:
    return {
        "node": row.node,
        "state": row.state,
        "seconds": row.seconds,
        "n_results": row.n_results,
        "n_dropped": row.n_dropped,
        "error": row.error,
        "match_ids": json.dumps(list(row.match_ids)),
    }


def _search(row: AnyRow) -> Search:
    return Search(id=row.id, case_id=CaseId(row.case_id), started_at=row.started_at, ends_at=row.ends_at)
