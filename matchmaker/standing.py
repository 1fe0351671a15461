"""A case keeps looking: what is due when it changes, when time has passed, when a node is added, with a new release.

That a case asks a node is one row of work, which stays: once the node has answered, it is put off to the next time.
Whether the case may ask is decided when it asks; here only what certainly may not is left out.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matchmaker import consent
from matchmaker.model import Case, CaseId, Consent, Contact, Node, Sharing, StoredCase
from matchmaker.service import Matchmaker
from matchmaker.store import adopted, marks, matches, standing, work
from matchmaker.store import nodes as registry
from matchmaker.store.adopted import Adopted
from matchmaker.store.engine import Connection
from matchmaker.store.work import Kind, Task
from scoring.parameters import shipped_parameters

if TYPE_CHECKING:
    from ontology.releases import Release

USUAL = dt.timedelta(days=30)
ACUTE = dt.timedelta(days=1)
ACUTE_FOR = dt.timedelta(days=14)  # after the case was entered or changed
SPREAD = 0.1  # of the interval: cases imported together do not all ask in the same minute a month later

_HEADSTART = dt.timedelta(days=1)  # what is due first is done first, and an acute case waits for no import
_AT_ONCE = 5000  # cases in one sweep of a node: the transaction stays short
_MATCHED_WITH = "matched with"


def follow_up(db: Connection, changed: Sequence[tuple[Case, int]], *, jurisdiction: str, at: dt.datetime) -> None:
    """Make due, in the transaction of a change, what the new versions of these cases cause."""
    matches.bring_back(db, [case.id for case, _ in changed])
    nodes = [node for node in registry.list_(db) if _can_be_asked(node)]
    for acute in (True, False):
        tasks: list[Task] = []
        for case, version in changed:
            if case.acute is acute:
                tasks.append(Task(kind=Kind.MATCH, case_id=case.id, version=version))
                tasks += _asks(case, version, nodes, jurisdiction=jurisdiction)
        work.add(db, tasks, at=at - _HEADSTART if acute else at)


def next_asking(stored: StoredCase, *, at: dt.datetime) -> dt.datetime:
    """When a case asks a node again that has just answered."""
    if stored.case.acute and at < stored.updated_at + ACUTE_FOR:
        return at + ACUTE
    return at + USUAL * random.uniform(1 - SPREAD, 1.0)


def sweep(mm: Matchmaker) -> int:
    """Let shared cases ask the nodes that they do not ask yet, and forget nodes that are gone; return how many rows."""
    at, n_added = dt.datetime.now(dt.UTC), 0
    with mm.reading() as db:
        nodes, asked = registry.list_(db), standing.nodes_asked(db)
    for node in nodes:
        levels = _levels(node, jurisdiction=mm.settings.jurisdiction) if _can_be_asked(node) else ()
        if levels:
            with mm.transaction() as db:
                n_added += standing.ask_where_missing(db, node.name, levels=levels, at=at, limit=_AT_ONCE)
    for name in asked - {node.name for node in nodes}:
        with mm.transaction() as db:
            if name not in {node.name for node in registry.list_(db)}:
                standing.forget_node(db, name)
    return n_added


def look_again(db: Connection, release: Release, *, at: dt.datetime) -> int:
    """Match every case once more, in the transaction that makes the node use another release; return how many cases."""
    marks.put(db, _MATCHED_WITH, _ranking(release, adopted.read(db)))
    return standing.match_everything(db, at=at)


def match_again_after_a_release(mm: Matchmaker) -> int:
    """Match every case once more when a new program brought another release or score; return how many cases.

    A node that never matched anything has nothing to do again; a process that is behind decides nothing.
    """
    with mm.reading() as db:
        now = _ranking(mm.release, adopted.read(db))
        if marks.get(db, _MATCHED_WITH) == now or not is_up_to_date(mm, db):
            return 0
    with mm.transaction() as db:
        before = marks.get(db, _MATCHED_WITH)
        marks.put(db, _MATCHED_WITH, now)
        return 0 if before in {None, now} else standing.match_everything(db, at=dt.datetime.now(dt.UTC))


def is_up_to_date(mm: Matchmaker, db: Connection) -> bool:
    """Say whether this process ranks with what the node uses; what it ranks otherwise is not to be recorded."""
    return adopted.read(db).identity == mm.reference.identity


def _ranking(release: Release, now: Adopted) -> str:
    """What decides how cases rank: release, decisions of the curator, version of the score."""
    return f"{release.checksum} {now.identity[-16:]} {shipped_parameters().version(release.id)}"[:255]


def _can_be_asked(node: Node) -> bool:
    return node.enabled and node.base_url is not None


def _asks(case: Case, version: int, nodes: Sequence[Node], *, jurisdiction: str) -> list[Task]:
    if case.test:
        return []  # a test asks when somebody tests, and nobody is alerted of it
    return [
        Task(kind=Kind.ASK, case_id=case.id, version=version, node=node.name)
        for node in nodes
        if consent.may_share(case, node, jurisdiction=jurisdiction)
    ]


def _levels(node: Node, *, jurisdiction: str) -> list[Sharing]:
    """The sharing levels at which a case may ask this node, by the rule that decides for each case."""
    return [level for level in Sharing if consent.may_share(_example(level), node, jurisdiction=jurisdiction)]


def _example(level: Sharing) -> Case:
    basis = Consent(basis="example")
    return Case(id=CaseId(""), owner="", local_id="", contact=Contact(name=""), consent=basis, sharing=level)
