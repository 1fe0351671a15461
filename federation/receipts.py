"""What stays of a request that another node sent: one transaction with the answer, or no answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from federation import addressing, admission, answering, hearing, ledger
from federation.admission import Admitted, OverBudget
from federation.answering import Prepared, Revealed
from matchmaker import audit
from matchmaker.model import GeneId, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import alarms, budgets, exchanges, found
from matchmaker.store import ledger as lines
from matchmaker.store.budgets import Period
from matchmaker.store.engine import Connection
from matchmaker.store.exchanges import Direction, Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Who asked what, when, and what it costs: each gene of a match request counts against the day."""

    node: NodeName
    kind: str
    at: dt.datetime
    asked: str | None = None
    test: bool = False
    n_genes: int = 0
    revealed: tuple[Revealed, ...] = ()

    def of(self, prepared: Prepared, standing: Sequence[Revealed]) -> Self:
        """The same request, now that it was read and answered."""
        return replace(
            self,
            asked=prepared.asked,
            test=prepared.test,
            n_genes=prepared.n_genes,
            revealed=tuple(standing),
        )

    @property
    def costs(self) -> dict[Period, int]:
        if self.kind != "match":
            return {Period.MINUTE: 1}  # a monitor asks once a minute, all day
        return {Period.MINUTE: 1, Period.DAY: max(1, self.n_genes)}


def answer(mm: Matchmaker, body: bytes, admitted: Admitted, *, seconds: Callable[[], float]) -> bytes:
    """Answer a match request: the costs, what may be told, and the record of it are one transaction with the answer.

    Raises
    ------
    NotJson, Invalid
        When the body is not JSON, or no request.
    OverBudget
        When the node may not ask, or learn, as much; nothing is recorded then (`refuse`).
    """
    prepared = answering.prepare(mm, body, admitted)
    asked = Receipt(node=admitted.node.name, kind="match", at=admitted.at)
    with mm.transaction() as db:
        admission.charge(db, admitted, mm.settings, costs=asked.of(prepared, ()).costs)
        telling = ledger.settle(mm, db, admitted, standing(db, prepared.results))
        news = {result.case_id for result in telling.results} - set(telling.probed)
        hearing.keep(db, admitted.node.name, prepared, told=news, at=admitted.at)
        asked_with = prepared.request.case.local_id
        told = addressing.address(mm, db, admitted.node, asked_with, telling.results, at=admitted.at)
        record(db, asked.of(prepared, telling.results), status=200, seconds=seconds())
    return answering.write_answer(prepared, told, remarks=telling.remarks)


def report(mm: Matchmaker, admitted: Admitted, kind: str, *, seconds: Callable[[], float]) -> None:
    """Charge and record a request for the heartbeat or the metrics."""
    receipt = Receipt(node=admitted.node.name, kind=kind, at=admitted.at)
    with mm.transaction() as db:
        admission.charge(db, admitted, mm.settings, costs=receipt.costs)
        record(db, receipt, status=200, seconds=seconds())


def refuse(mm: Matchmaker, admitted: Admitted, kind: str, *, error: Exception, status: int, seconds: float) -> None:
    """Record what a known node was refused; a node over its budget is an alarm for the operator."""
    receipt = Receipt(node=admitted.node.name, kind=kind, at=admitted.at)
    with mm.transaction() as db:
        budgets.charge(db, receipt.node, costs=receipt.costs, at=receipt.at)
        if isinstance(error, OverBudget):
            alarms.raise_(db, error.kind, node=receipt.node, at=receipt.at)
        record(db, receipt, status=status, seconds=seconds)


def standing(db: Connection, results: Sequence[Revealed]) -> list[Revealed]:
    """Leave out what was changed, withdrawn or erased since it was read: consent counts when the answer is given.

    The others are held until they are in the ledger: whoever withdraws one a moment later finds this node there.
    """
    now = found.hold(db, [result.case_id for result in results])
    return [result for result in results if now.get(result.case_id) == result.version]


def record(db: Connection, receipt: Receipt, *, status: int, seconds: float) -> None:
    """Keep that a node asked, and what it was told of which case; the audit chain comes last, since it locks."""
    lines.record(db, receipt.node, told=[result.told for result in receipt.revealed], at=receipt.at)
    exchanges.record(db, _exchange(db, receipt, status=status, seconds=seconds), genes=_genes(receipt.revealed))
    details = {"status": status, "results": len(receipt.revealed)}
    told = [result.case_id for result in receipt.revealed]
    asked = audit.Event(action=f"{receipt.kind} asked", details=details, told=told)
    audit.record_all(db, receipt.node, [asked], node=receipt.node)


def _exchange(db: Connection, receipt: Receipt, *, status: int, seconds: float) -> Exchange:
    return Exchange(
        node=receipt.node,
        direction=Direction.RECEIVED,
        kind=receipt.kind,
        at=receipt.at,
        status=str(status),
        n_results=len(receipt.revealed),
        fingerprint=None if receipt.asked is None else exchanges.fingerprint(db, receipt.asked),
        seconds=seconds,
        test=receipt.test,
    )


def _genes(revealed: Sequence[Revealed]) -> set[GeneId]:
    return {gene for result in revealed for gene in result.genes}
