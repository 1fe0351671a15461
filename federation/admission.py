"""Who asks, whether it may ask now, and how much it may send."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import IO

from federation import signatures
from federation.signatures import Message
from matchmaker.errors import MatchmakerError, Unauthorised
from matchmaker.model import Node
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import budgets, nonces, tokens
from matchmaker.store.alarms import Kind
from matchmaker.store.budgets import Period
from matchmaker.store.engine import Connection

MAX_BODY = 64 * 1024  # bytes
REQUESTS_PER_CASE = 5  # a day, for a peer that declares its number of cases: each once, with five genes
MINUTES_FOR_ALL = 60  # in which such a peer may ask with each of its cases once


class OverBudget(MatchmakerError):
    """The node has asked, or learned, as much as it may for now: 429."""

    def __init__(self, kind: Kind, what: str, *, retry_after: int) -> None:
        self.kind = kind
        self.retry_after = max(1, retry_after)  # seconds
        super().__init__(f"{what} are used up: ask again in {self.retry_after} s")


class BodyTooLarge(MatchmakerError):
    """413, said before the body is read on."""

    def __init__(self) -> None:
        super().__init__(f"the body is larger than {MAX_BODY // 1024} KiB: send fewer features or genes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A node that showed a valid token, when, and what it has spent."""

    node: Node
    at: dt.datetime
    spent: dict[Period, int]


def admit(db: Connection, token: str | None, *, at: dt.datetime) -> Admitted:
    """Find the node that asks.

    Raises
    ------
    Unauthorised
        Without a token, and for one that is unknown, expired, of another scope, or of a disabled node: which of them is
        nobody's business who has no valid one.
    """
    shown = (token or "").strip()
    node = tokens.node_of_token(db, shown, at=at) if shown else None
    if node is None:
        raise Unauthorised
    return Admitted(node=node, at=at, spent=budgets.spent(db, node.name, at=at))


def refuse_over_budget(admitted: Admitted, settings: Settings, *, periods: Iterable[Period] = Period) -> None:
    """Raise OverBudget when the budget of one of these running periods is used up."""
    budget = budgets_of(admitted.node, settings)
    for period in periods:
        if admitted.spent[period] >= budget[period]:
            raise _over(period, admitted.at)


def charge(db: Connection, admitted: Admitted, settings: Settings, *, costs: Mapping[Period, int]) -> None:
    """Take a request's costs from the budgets, for good when the transaction ends.

    What several processes admitted at once is settled here, one after another. A request that costs more than a whole
    budget passes when nothing else was asked in that period: it could never pass otherwise.

    Raises
    ------
    OverBudget
        When the budget of a running period does not suffice.
    """
    spent = budgets.charge(db, admitted.node.name, costs=costs, at=admitted.at)
    budget = budgets_of(admitted.node, settings)
    for period, cost in costs.items():
        if spent[period] > budget[period] and spent[period] > cost:
            raise _over(period, admitted.at)


def require_signature(mm: Matchmaker, admitted: Admitted, message: Message, body: bytes) -> None:
    """Raise Unauthorised when this node must sign what it sends, and did not sign just this, or sent it before."""
    if not admitted.node.must_sign:
        return
    nonce = signatures.require(admitted.node.signing_key or "", message, body)
    with mm.transaction() as db:
        if not nonces.use(db, admitted.node.name, nonce, until=admitted.at + signatures.LIVES):
            raise Unauthorised("this very request came before: sign it anew")


def read_body(stream: IO[bytes], declared: int | None) -> bytes:
    """Read a request's body, unless it is too large by what it declares or by what comes.

    Raises
    ------
    BodyTooLarge
        Before anything beyond the limit is read.
    """
    if declared is not None and declared > MAX_BODY:
        raise BodyTooLarge
    body = stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise BodyTooLarge
    return body


def budgets_of(node: Node, settings: Settings) -> dict[Period, int]:
    """A node that declares many cases stands for many clinicians, and may ask with each of its cases once a day."""
    declared = node.declared_cases or 0
    return {
        Period.MINUTE: max(settings.requests_per_minute, ceil(declared / MINUTES_FOR_ALL)),
        Period.DAY: max(settings.requests_per_day, declared * REQUESTS_PER_CASE),
    }


def _over(period: Period, at: dt.datetime) -> OverBudget:
    seconds = (period.end(at) - at).total_seconds()
    return OverBudget(Kind.REQUESTS, f"the requests of this {period}", retry_after=int(seconds))
