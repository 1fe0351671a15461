"""A request of another node as news for us: it was told of a case here, so the owner of that case hears of its case.

The request is kept in the transaction of the answer, and becomes matches in the background, scored from what the node
asked with; so the answer waits for none of it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection

from federation import answering
from federation.schemas import read_request
from federation.standing import record_told
from federation.told import Told
from matchmaker.errors import NotFound
from matchmaker.model import Case, CaseId, NodeName, Score, StoredCase
from matchmaker.service import Matchmaker
from matchmaker.store import found, heard
from matchmaker.store import nodes as registry
from matchmaker.store.engine import Connection
from matchmaker.store.heard import Heard


def keep(
    db: Connection, node: NodeName, prepared: answering.Prepared, *, told: Collection[CaseId], at: dt.datetime
) -> None:
    """Keep a request whose answer told of our cases; of a test nobody is to hear, and one without results is gone."""
    if told and not prepared.test:
        heard.keep(db, node, asked=prepared.asked, told=sorted(told), at=at)


def record(mm: Matchmaker, claimed: Heard) -> int:
    """Record a kept request as matches of the cases that it found; return of how many. Idempotent."""
    query = _query(mm, claimed)
    scored = [] if query is None else _scored(mm, query, claimed)
    n_recorded = 0
    with mm.transaction() as db:
        if not heard.complete(db, claimed):
            return 0
        now = found.versions(db, [stored.case.id for stored, _ in scored])
        for stored, score in scored:
            if query is not None and now.get(stored.case.id) == stored.version:
                what = Told(node=claimed.node, case=query, asked_by_us=False)
                record_told(mm, db, stored.case, what=what, score=score)
                n_recorded += 1
    return n_recorded


def _query(mm: Matchmaker, claimed: Heard) -> Case | None:
    """The case that the node asked with, read as it was read for the answer; None when the node was removed since."""
    try:
        with mm.reading() as db:
            node = registry.get(db, claimed.node)
    except NotFound:
        return None
    asked = {"patient": json.loads(claimed.asked)}
    request = read_request(asked, release=mm.release, owner=f"node {node.name}")
    return answering.zero_based(request.case, node.start_offset or 0)


def _scored(mm: Matchmaker, query: Case, claimed: Heard) -> list[tuple[StoredCase, Score]]:
    """Our cases of the answer, each scored as if it had asked, with what the node told of its case."""
    theirs = mm.profile(query)
    with mm.reading() as db:
        ours = found.load(db, claimed.told).values()
    return [(stored, mm.scorer.score(mm.profile(stored.case), theirs, partial=True)) for stored in ours]
