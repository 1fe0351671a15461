"""A search over all nodes that a page can watch: begun by one process, shown by any.

`begin` returns at once with a `Progress`; `look` and `latest` say how far it is since. `Progress.nodes` has one row for
each node: `asking`, or how it answered, with its time, and the ids of the matches that it told of, which are recorded
like those of a standing search (`match_life.get`). When `done`, there is nothing more to wait for. Rows go a day after
the search, or with the case; the matches stay.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from federation import told
from federation.deadline import Deadline
from federation.outcomes import NodeAnswer, State
from federation.search import GRACE, ask_each
from federation.standing import record_told
from matchmaker import consent
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import MatchmakerError
from matchmaker.model import CaseId, Node, StoredCase
from matchmaker.service import Matchmaker
from matchmaker.store import cases, found, searches
from matchmaker.store import nodes as registry
from matchmaker.store.searches import ASKING, NodeRow, Search

AGAIN_AFTER = dt.timedelta(seconds=30)  # who presses the button twice sees the same search
KEPT = dt.timedelta(days=1)
_LOOK_AGAIN = 0.1  # seconds
_WRITING = dt.timedelta(seconds=2)  # after the last answer, until it is in the database
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a search is."""

    search: Search
    nodes: tuple[NodeRow, ...]

    @property
    def done(self) -> bool:
        return all(row.state != ASKING for row in self.nodes)

    def to_dict(self) -> dict[str, Any]:
        """Spell it for programs."""
        return {
            "id": self.search.id,
            "done": self.done,
            "nodes": [
                {
                    "name": row.node,
                    "state": row.state,
                    "seconds": round(row.seconds, 3),
                    "results": row.n_results,
                    "error": row.error,
                    "matches": list(row.match_ids),
                }
                for row in self.nodes
            ],
        }


def begin(mm: Matchmaker, case_id: CaseId, *, by: User, only: str | None = None) -> Progress:
    """Let a case ask all nodes that have an address, or one, in the background; a search that asks them goes on.

    Raises
    ------
    NotFound
        When there is no such case for this user.
    """
    at = dt.datetime.now(dt.UTC)
    with mm.transaction() as db:
        stored = cases.get(db, case_id)
        require(by, Action.SEE_CASE, stored.case)
        nodes = [node for node in registry.list_(db) if node.base_url is not None and only in {None, node.name}]
        running = searches.latest(db, case_id)
        if running is not None and at < max(running.ends_at, running.started_at + AGAIN_AFTER):
            asked = searches.rows(db, running.id)
            if {node.name for node in nodes} <= {row.node for row in asked}:
                return _progress(running, asked, at=at)
        ends_at = at + dt.timedelta(seconds=mm.settings.deadline + GRACE) + _WRITING
        search = searches.begin(db, case_id, nodes=[node.name for node in nodes], at=at, ends_at=ends_at)
        rows = searches.rows(db, search.id)
    threading.Thread(target=_run, args=(mm, search, stored, nodes, by), name="live search", daemon=True).start()
    return _progress(search, rows, at=at)


def look(mm: Matchmaker, search_id: str, *, by: User) -> Progress:
    """Return how far a search is; for who may not see its case there is none."""
    with mm.reading() as db:
        search = searches.get(db, search_id)
        require(by, Action.SEE_CASE, cases.get(db, search.case_id).case)
        return _progress(search, searches.rows(db, search_id), at=dt.datetime.now(dt.UTC))


def wait(mm: Matchmaker, begun: Progress, *, by: User) -> Progress:
    """Return how a search ended, which its deadline bounds."""
    progress = begun
    while not progress.done:
        time.sleep(_LOOK_AGAIN)
        progress = look(mm, begun.search.id, by=by)
    return progress


def latest(mm: Matchmaker, case_id: CaseId, *, by: User) -> Progress | None:
    """Return the search that a case began last, if that was within a day."""
    with mm.reading() as db:
        require(by, Action.SEE_CASE, cases.get(db, case_id).case)
        search = searches.latest(db, case_id)
        at = dt.datetime.now(dt.UTC)
        return None if search is None else _progress(search, searches.rows(db, search.id), at=at)


def _progress(search: Search, rows: list[NodeRow], *, at: dt.datetime) -> Progress:
    """What is written, but for a process that died while it asked: its nodes must not seem to be asked for ever."""
    if at < search.ends_at:
        return Progress(search=search, nodes=tuple(rows))
    seconds = (search.ends_at - search.started_at).total_seconds()
    late = {"state": State.TIMEOUT.value, "seconds": seconds, "error": "had not answered when the search ended"}
    settled = (replace(row, **late) if row.state == ASKING else row for row in rows)  # type: ignore[arg-type]
    return Progress(search=search, nodes=tuple(settled))


def _run(mm: Matchmaker, search: Search, stored: StoredCase, nodes: list[Node], by: User) -> None:
    """Ask, in a thread of its own; each answer is written as it comes."""
    try:
        for answer in ask_each(mm, stored.case, nodes, deadline=Deadline.after(mm.settings.deadline), by=by):
            _keep(mm, search, stored, answer)
    except MatchmakerError as error:
        log.error("live search ended early: %s", type(error).__name__)


def _keep(mm: Matchmaker, search: Search, stored: StoredCase, answer: NodeAnswer) -> None:
    """Record what a node told, if the case is still what it was asked with and shared with it, and how it answered."""
    row = NodeRow(
        node=answer.node,
        state=answer.state.value,
        seconds=answer.seconds,
        n_dropped=answer.n_dropped,
        error=answer.error,
    )
    with mm.transaction() as db:
        case = stored.case
        ids: list[str] = []
        if answer.results and found.versions(db, [case.id]).get(case.id) == stored.version:
            node = registry.get(db, answer.node)
            if consent.may_share(case, node, jurisdiction=mm.settings.jurisdiction):
                for result in answer.results:
                    what = told.of_result(result, answer)
                    ids.append(record_told(mm, db, case, what=what, score=result.score))
        searches.settle(db, search.id, replace(row, n_results=len(ids), match_ids=tuple(ids)))
