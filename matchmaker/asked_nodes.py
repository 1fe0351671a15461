"""Every node that a case asks or does not ask, and how that stands: a node that failed is never "no matches"."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from matchmaker import consent
from matchmaker.consent import Withheld
from matchmaker.model import Case, Node
from matchmaker.service import Matchmaker
from matchmaker.store import nodes as registry
from matchmaker.store import work
from matchmaker.store.work import Kind, Waiting


class Asked(StrEnum):
    ANSWERED = "answered"
    FAILED = "failed"  # and will be asked again
    WAITING = "waiting"  # not asked yet
    NOT_ASKED = "not asked"  # and will not be


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """How one node stands with one case; `next_at` is when it is asked next, `why` what stops it or went wrong."""

    node: Node
    asked: Asked
    next_at: dt.datetime | None = None
    why: str = ""


def of_case(mm: Matchmaker, case: Case) -> list[NodeState]:
    """Return every node of the registry that can be asked, by name, with how it stands with this case."""
    with mm.reading() as db:
        nodes = [node for node in registry.list_(db) if node.base_url is not None]
        waiting = work.of_case(db, case.id, Kind.ASK)
    return [_state(mm, case, node, waiting.get(node.name)) for node in nodes]


def _state(mm: Matchmaker, case: Case, node: Node, waiting: Waiting | None) -> NodeState:
    withheld = Withheld.TEST if case.test else consent.withheld(case, node, jurisdiction=mm.settings.jurisdiction)
    if withheld is not None:
        return NodeState(node=node, asked=Asked.NOT_ASKED, why=withheld.value)
    if waiting is None:
        return NodeState(node=node, asked=Asked.WAITING)
    if waiting.last_error is not None:
        return NodeState(node=node, asked=Asked.FAILED, next_at=waiting.due_at, why=waiting.last_error)
    # A node that answered is asked again only after days; what is due now was never answered in this version.
    answered = waiting.attempts == 0 and waiting.due_at > dt.datetime.now(dt.UTC)
    return NodeState(node=node, asked=Asked.ANSWERED if answered else Asked.WAITING, next_at=waiting.due_at)
