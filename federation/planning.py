"""Which nodes a search asks, and with what: from consent, level and registry as they are at this moment.

That a node is asked with a case of ours is on record before anything leaves, in a transaction that holds the case as it
was read: whoever withdraws it a moment later finds every node on that record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from federation import addressing, strict_json
from federation.breaker import FAILURES, Breaker, breaker_of
from federation.outcomes import NodeAnswer, State
from federation.writing import write_patient
from matchmaker import audit, consent, disclosure
from matchmaker.actors import User
from matchmaker.errors import Forbidden, NotFound
from matchmaker.model import Case, Node, Status
from matchmaker.service import Matchmaker
from matchmaker.store import cases, exchanges, found, node_health, sent_cases, tombstones
from matchmaker.store import nodes as registry
from matchmaker.store.engine import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What one node is asked with."""

    node: Node
    token: str | None
    body: bytes
    probe: bool  # it failed often: ask for its heartbeat first
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The case as it asks, whom it asks, and what is said of the other nodes."""

    case: Case
    calls: tuple[Call, ...]
    not_asked: tuple[NodeAnswer, ...]


def begin(mm: Matchmaker, case: Case, nodes: Sequence[Node], *, by: User, heed_breaker: bool) -> Plan:
    """Decide which nodes are asked, and put it on record.

    A case of this node asks as it is stored at this moment, whatever it was when somebody began to search with it.
    """
    while True:
        standings = _standings(mm, nodes)
        now, version = _now(mm, case)
        planned = [_plan(mm, now, one, heed_breaker=heed_breaker, relayed=version is not None) for one in standings]
        calls = tuple(one for one in planned if isinstance(one, Call))
        with mm.transaction() as db:
            if version is None or found.hold(db, [now.id]).get(now.id) == version:
                _record(mm, db, now, calls, stored=version is not None, by=by)
                break
    return Plan(case=now, calls=calls, not_asked=tuple(one for one in planned if isinstance(one, NodeAnswer)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """A node as it is registered at this moment."""

    node: Node
    token: str | None
    latest: tuple[exchanges.Exchange, ...]


def _standings(mm: Matchmaker, nodes: Sequence[Node]) -> list[_Standing]:
    """Read the registry as it is now: a node that was paused or removed a moment ago is not asked."""
    with mm.reading() as db:
        registered_now = {node.name: node for node in registry.list_(db)}
        return [
            _Standing(
                node=registered_now.get(node.name, replace(node, enabled=False)),
                token=registry.outbound_token(db, node.name),
                latest=tuple(node_health.latest(db, node.name, limit=FAILURES)),
            )
            for node in nodes
        ]


def _now(mm: Matchmaker, case: Case) -> tuple[Case, int | None]:
    """Return a case as it is stored, with its version; one that is only in a file asks as it is, without.

    One that was erased meanwhile is withdrawn for good.
    """
    with mm.reading() as db:
        if tombstones.has(db, case.id):
            return replace(case, status=Status.WITHDRAWN), None
        try:
            stored = cases.get(db, case.id)
        except NotFound:
            return case, None
    return stored.case, stored.version


def _plan(mm: Matchmaker, case: Case, standing: _Standing, *, heed_breaker: bool, relayed: bool) -> Call | NodeAnswer:
    """Decide whether a node is asked, and with what it may see; `relayed` lets it write to the case through us."""
    node, at = standing.node, dt.datetime.now(dt.UTC)
    if not node.enabled:
        return NodeAnswer(node=node.name, state=State.PAUSED, error=f"{node.name}: an operator paused or removed it")
    try:
        view = disclosure.request_view(mm, case, node if relayed else replace(node, kin=None))
    except Forbidden:
        reason = consent.withheld(case, node, jurisdiction=mm.settings.jurisdiction)
        error = f"{node.name}: the case is not shared with it ({reason})"
        return NodeAnswer(node=node.name, state=State.NOT_SHARED, error=error)
    breaker = breaker_of(standing.latest, at=at) if heed_breaker else Breaker.CLOSED
    if breaker is Breaker.OPEN:
        why = f"{node.name}: failed {FAILURES} times in a row, and is tried once a minute"
        return NodeAnswer(node=node.name, state=State.PAUSED, error=why)
    body = strict_json.dumps({"patient": write_patient(view, mm.release)})
    return Call(node=node, token=standing.token, body=body, probe=breaker is Breaker.PROBE, at=at)


def _record(mm: Matchmaker, db: Connection, case: Case, calls: Sequence[Call], *, stored: bool, by: User) -> None:
    asked, at = [call.node for call in calls], dt.datetime.now(dt.UTC)
    if stored:
        if not case.test:
            sent_cases.record(db, case.id, nodes=[node.name for node in asked], level=case.disclosure, at=at)
        addressing.open_general(mm, db, case.id, asked, at=at)
    for node in asked:
        audit.record(db, by, "case sent", case_id=case.id, node=node.name, details={"level": case.disclosure})
