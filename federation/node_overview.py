"""What an operator sees of other nodes: how each stands, how its calls went, what it was told and may still learn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from federation import admission, nodes
from federation.breaker import FAILURES, Breaker, breaker_of
from federation.ledger import MONTH, Allowance
from federation.nodes import Standing
from matchmaker import consent
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.model import Case, CaseId, Consent, Contact, Node, NodeName, Sharing
from matchmaker.service import Matchmaker
from matchmaker.store import alarms, budgets, ledger, node_health, pairings, sent_cases, tokens
from matchmaker.store import nodes as registry
from matchmaker.store.alarms import Alarm
from matchmaker.store.budgets import Period
from matchmaker.store.exchanges import Direction
from matchmaker.store.ledger import Line
from matchmaker.store.node_health import Day
from matchmaker.store.pairings import Pairing
from matchmaker.store.sent_cases import Sent

DAYS = 30
MOST_LINES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A node in the list; moments are None when it never happened."""

    node: Node
    breaker: Breaker
    last_answer: dt.datetime | None  # of it, to us
    last_asked_us: dt.datetime | None
    n_alarms: int  # open ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All nodes, the pairings that are under way, and the alarms that nobody has seen."""

    rows: tuple[Row, ...]
    pairings: tuple[Pairing, ...]
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Of a budget: how much there is, and how much is gone."""

    spent: int
    allowed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Everything about one node; `levels` are the sharing levels at which a case of ours is shared with it."""

    standing: Standing
    ours: tuple[Day, ...]  # our calls to it, by day
    theirs: tuple[Day, ...]
    tokens: tuple[tuple[dt.datetime, dt.datetime], ...]  # made, ends
    requests: dict[Period, Spent]
    cases_today: Spent
    cases_month: Spent
    told: tuple[Line, ...]
    n_told: int
    asked: tuple[Sent, ...]
    n_asked: int
    alarms: tuple[Alarm, ...]
    levels: tuple[Sharing, ...]
    jurisdiction: str | None

    @property
    def needs_transfer_basis(self) -> bool:
        """Does the law keep from it even what is shared with all nodes?"""
        return self.standing.node.enabled and Sharing.FEDERATED not in self.levels


def overview(mm: Matchmaker, *, by: User) -> Overview:
    """List the nodes by name."""
    require(by, Action.MANAGE_NODES)
    at = _now()
    with mm.reading() as db:
        answered = node_health.last(db, Direction.SENT, well=True)
        asked_us = node_health.last(db, Direction.RECEIVED, well=False)
        open_ = alarms.list_(db, only_open=True, limit=500)
        rows = [
            Row(
                node=node,
                breaker=breaker_of(node_health.latest(db, node.name, limit=FAILURES), at=at),
                last_answer=answered.get(node.name),
                last_asked_us=asked_us.get(node.name),
                n_alarms=sum(alarm.node == node.name for alarm in open_),
            )
            for node in registry.list_(db)
        ]
        return Overview(rows=tuple(rows), pairings=tuple(pairings.under_way(db, at=at)), alarms=tuple(open_))


def detail(mm: Matchmaker, name: NodeName, *, by: User) -> Detail:
    """Gather what there is about one node; NotFound when nobody registered it."""
    require(by, Action.MANAGE_NODES)
    at = _now()
    standing = nodes.show(mm, name)
    node, allowance = standing.node, Allowance.of(standing.node, mm.settings)
    since = (at - dt.timedelta(days=DAYS - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    with mm.reading() as db:
        spent, allowed = budgets.spent(db, name, at=at), admission.budgets_of(node, mm.settings)
        told, asked = ledger.of_node(db, name, limit=MOST_LINES), sent_cases.of_node(db, name, limit=MOST_LINES)
        return Detail(
            standing=standing,
            ours=_every_day(node_health.by_day(db, name, Direction.SENT, since=since), since=since),
            theirs=_every_day(node_health.by_day(db, name, Direction.RECEIVED, since=since), since=since),
            tokens=tuple(tokens.live(db, name, at=at)),
            requests={period: Spent(spent=spent[period], allowed=allowed[period]) for period in Period},
            cases_today=Spent(
                spent=ledger.n_revealed(db, name, since=Period.DAY.start(at)), allowed=allowance.cases_per_day
            ),
            cases_month=Spent(spent=ledger.n_revealed(db, name, since=at - MONTH), allowed=allowance.cases_per_month),
            told=tuple(told),
            n_told=ledger.n_of_node(db, name),
            asked=tuple(asked),
            n_asked=sent_cases.n_of_node(db, name),
            alarms=tuple(alarms.list_(db, node=name, limit=MOST_LINES)),
            levels=tuple(level for level in Sharing if _shares(level, node, mm.settings.jurisdiction)),
            jurisdiction=consent.jurisdiction_of(node),
        )


def _every_day(days: Sequence[Day], *, since: dt.datetime) -> tuple[Day, ...]:
    """Days without a call count too: a gap is news."""
    known = {day.day: day for day in days}
    dates = [since.date() + dt.timedelta(days=number) for number in range(DAYS)]
    return tuple(known.get(date) or Day(day=date, n_calls=0, n_failed=0, mean_seconds=0.0) for date in dates)


def _shares(level: Sharing, node: Node, jurisdiction: str) -> bool:
    case = Case(
        id=CaseId(""),
        owner="",
        local_id="",
        contact=Contact(name=""),
        consent=Consent(basis="example"),
        sharing=level,
    )
    return consent.may_share(case, node, jurisdiction=jurisdiction)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
