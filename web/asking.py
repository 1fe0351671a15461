"""How every node stands with a case: in general, and while it is asked and its results arrive."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from federation import live_search
from federation.live_search import Progress
from federation.outcomes import State
from matchmaker import asked_nodes, match_life
from matchmaker.actors import User
from matchmaker.asked_nodes import Asked, NodeState
from matchmaker.model import Case, NodeName, Sharing, Status
from matchmaker.service import Matchmaker
from matchmaker.store.searches import ASKING, NodeRow
from web import country_map, numbers
from web.words import word

RECENT = dt.timedelta(minutes=10)  # so long after the search began it is still told beside the matches
SLOW = 3.0  # seconds
_PLACES = {Asked.FAILED: 0, Asked.WAITING: 1, Asked.ANSWERED: 2, Asked.NOT_ASKED: 3}  # what to know first


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One node, and what became of asking it in a sentence."""

    node: NodeName
    asked: Asked
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Every node with how it stands: those that failed or are still asked come first."""

    rows: tuple[Row, ...]
    n_answered: int
    n_failed: int
    n_waiting: int

    @property
    def done(self) -> bool:
        return not self.n_waiting

    @property
    def said(self) -> str:
        """The whole in one line."""
        parts = [
            _("answered: %(n)s", n=self.n_answered) if self.n_answered else "",
            _("did not answer: %(n)s", n=self.n_failed) if self.n_failed else "",
            _("still asked: %(n)s", n=self.n_waiting) if self.n_waiting else "",
        ]
        return ", ".join(filter(None, parts)) or _("nobody was asked")


def overview(mm: Matchmaker, case: Case, *, by: User) -> dict[str, Any]:
    """Return what the pages show of the nodes: who is asked now, how each stands, what it told of, the map of both."""
    states = asked_nodes.of_case(mm, case)
    asking = of_case(mm, case, states, by=by)
    states = [_lately(state, asking) for state in states]
    # Read after: when all have answered, nothing that they told of is missing.
    pairs = match_life.of_case(mm, case.id, by=by)
    found = Counter(pair.match.finding.node for pair in pairs)
    return {
        "asking": asking,
        "pairs": pairs,
        "nodes": states,
        "shareable": _is_shareable(case),
        "found": found,
        "asked": country_map.picture(mm.settings.country, states, found),
    }


def of_case(mm: Matchmaker, case: Case, states: Sequence[NodeState], *, by: User) -> Asking | None:
    """Return how the nodes stand that are asked now or were a moment ago; None when there is nothing to wait for."""
    at = dt.datetime.now(dt.UTC)
    watched = live_search.latest(mm, case.id, by=by)
    if watched is not None and at - watched.search.started_at < RECENT:
        return _asking(_watched(row, _seconds(watched, at)) for row in watched.nodes)
    if any(state.asked is Asked.WAITING for state in states):
        return _asking(map(_standing, states))
    return None


def _is_shareable(case: Case) -> bool:
    """No other node is asked with it, and nothing but its centre's choice is in the way."""
    local = case.effective_sharing in {Sharing.PRIVATE, Sharing.NATIONAL}
    return local and not (case.test or case.paused or case.status is Status.WITHDRAWN)


def _lately(state: NodeState, asking: Asking | None) -> NodeState:
    """A node that waits to be asked by itself may have answered somebody who watched."""
    rows = asking.rows if asking else ()
    row = next((row for row in rows if row.node == state.node.name), None)
    if state.asked is not Asked.WAITING or row is None or row.asked is Asked.NOT_ASKED:
        return state
    return replace(state, asked=row.asked, next_at=None, why=row.said)


def _asking(rows: Iterable[Row]) -> Asking:
    ordered = tuple(sorted(rows, key=lambda row: _PLACES[row.asked]))
    n = {asked: sum(row.asked is asked for row in ordered) for asked in Asked}
    return Asking(rows=ordered, n_answered=n[Asked.ANSWERED], n_failed=n[Asked.FAILED], n_waiting=n[Asked.WAITING])


def _seconds(watched: Progress, at: dt.datetime) -> float:
    return (at - watched.search.started_at).total_seconds()


def _watched(row: NodeRow, waited: float) -> Row:
    if row.state == ASKING:
        slow = _("slow: no answer after %(n)s s", n=int(waited))
        return Row(node=row.node, asked=Asked.WAITING, said=slow if waited > SLOW else word(row.state))
    if row.state == State.ANSWERED:
        said = _("answered (%(n)s) in %(seconds)s s", n=row.n_results, seconds=numbers.tenths(row.seconds))
        unread = _("%(n)s of its results could not be read", n=row.n_dropped) if row.n_dropped else ""
        return Row(node=row.node, asked=Asked.ANSWERED, said="; ".join(filter(None, (said, unread))))
    asked = Asked.NOT_ASKED if row.state == State.NOT_SHARED else Asked.FAILED
    why = (row.error or "").removeprefix(f"{row.node}: ")
    return Row(node=row.node, asked=asked, said=f"{word(row.state)}: {why}" if why else word(row.state))


def _standing(state: NodeState) -> Row:
    said = {
        Asked.ANSWERED: _("answered"),
        Asked.WAITING: word(ASKING),
        Asked.FAILED: _("did not answer (%(why)s)", why=state.why),
        Asked.NOT_ASKED: _("not asked: %(why)s", why=word(state.why)),
    }
    return Row(node=state.node.name, asked=state.asked, said=said[state.asked])
