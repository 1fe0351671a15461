"""How much one node is told: in how many words about one case, and about how many cases.

Each distinct answer that revealed a case is one line of the ledger (`matchmaker.store.ledger`); the same again costs
nothing. Over the limits a case is told without what depends on the question, or not at all; the operator
and the owner hear of it. All of it happens in the transaction that records the answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from federation import answering
from federation.admission import Admitted, OverBudget
from federation.answering import Revealed
from matchmaker.errors import Issue
from matchmaker.model import CaseId, Node
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import alarms, ledger, sent_cases
from matchmaker.store.alarms import Kind
from matchmaker.store.budgets import Period
from matchmaker.store.engine import Connection
from matchmaker.store.ledger import Line
from matchmaker.store.sent_cases import Sent

WINDOW = dt.timedelta(days=90)  # in which distinct answers about one case are counted
MONTH = dt.timedelta(days=30)  # in which the cases that a node learns of are counted
CASES_PER_ANSWER = 25  # declared ones, for each distinct answer beyond the setting
LEARNED_PER_CASE = 8  # cases that a node may learn of for each one that it declares


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one node may learn; in proportion to the cases that its operator declared to ours."""

    distinct_answers: int  # about one case, in WINDOW
    cases_per_day: int
    cases_per_month: int
    kept_back: tuple[int, int]  # of these two, for answers that bring one new case

    @classmethod
    def of(cls, node: Node, settings: Settings) -> Self:
        declared = node.declared_cases or 0
        a_day, a_month = settings.cases_revealed_per_day, settings.cases_revealed_per_month
        # An operator who opens the day opens the month with it, unless that has a limit of its own.
        a_month = a_day * 19 // 15 if a_month is None else a_month
        return cls(
            distinct_answers=max(settings.distinct_answers, declared // CASES_PER_ANSWER),
            cases_per_day=max(a_day, declared * LEARNED_PER_CASE),
            cases_per_month=max(a_month, declared * LEARNED_PER_CASE),
            kept_back=(max(a_day // 2, declared), max(a_month // 2, declared)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What of an answer may be told; `probed` are the cases that were asked for in too many words."""

    results: tuple[Revealed, ...]
    n_withheld: int
    probed: tuple[CaseId, ...]

    @property
    def remarks(self) -> tuple[Issue, ...]:
        """What a node must know that would otherwise take a short answer for a complete one."""
        if not self.n_withheld:
            return ()
        message = "some results were left out: your node has learned of nearly as many of our cases as it may for now"
        remedy = "ask again in some days, or have our operator note how many cases your node stands for"
        return (Issue(path="results", message=message, remedy=remedy),)


def settle(mm: Matchmaker, db: Connection, admitted: Admitted, standing: Sequence[Revealed]) -> Telling:
    """Decide what of an answer is told, and raise the alarms that belong to it.

    Raises
    ------
    OverBudget
        When there are results, all of them new to the node, and it may learn of no more cases.
    """
    allowance = Allowance.of(admitted.node, mm.settings)
    known = ledger.known(db, admitted.node.name, [r.case_id for r in standing], since=admitted.at - WINDOW)
    over = [r for r in standing if known.get(r.case_id, 0) >= allowance.distinct_answers and not r.told.test]
    told, probed = _without_probes(mm, db, admitted.node, standing, over=over)
    if probed:
        alarms.raise_(db, Kind.PROBED, node=admitted.node.name, at=admitted.at, case_ids=probed)
    new = [r for r in told if r.case_id not in known and not r.told.test]
    kept = _within_budget(db, admitted, told, new=new, allowance=allowance)
    return Telling(results=tuple(kept), n_withheld=len(told) - len(kept), probed=tuple(probed))


def seen(mm: Matchmaker, case_id: CaseId) -> list[Line]:
    """Return who was told of a case, when and how much, oldest first; of an erased one as well."""
    with mm.reading() as db:
        return ledger.of_case(db, case_id)


def asked(mm: Matchmaker, case_id: CaseId) -> list[Sent]:
    """Return which nodes were asked with a case, when and how often; of an erased one as well."""
    with mm.reading() as db:
        return sent_cases.of_case(db, case_id)


def _without_probes(
    mm: Matchmaker, db: Connection, node: Node, results: Sequence[Revealed], *, over: Sequence[Revealed]
) -> tuple[list[Revealed], list[CaseId]]:
    """Replace what a node asked for in too many words by what is constant, and put it where its score belongs."""
    again = ledger.repeated(db, node.name, [r.told for r in over])
    probed = {r.case_id for r in over if r.told not in again}
    if not probed:
        return list(results), []
    settled = ((answering.constant(r, mm.release) if r.case_id in probed else r) for r in results)
    return list(answering.in_order(r for r in settled if r is not None)), sorted(probed)


def _within_budget(
    db: Connection, admitted: Admitted, results: Sequence[Revealed], *, new: Sequence[Revealed], allowance: Allowance
) -> list[Revealed]:
    """Leave out cases that a node may not learn of any more; `new` are those that it has not learned of yet.

    The last part of a budget is kept back: there each answer brings one new case, its first, so that who
    asks for patients gets the best match of each long after who asks for everything has used its budget up.
    """
    if not new:
        return list(results)
    room = _room(db, admitted, allowance)
    if room.left < 1 and len(new) == len(results):
        raise OverBudget(Kind.CASES, "the cases that your node may learn of", retry_after=room.retry_after)
    n_new = min(len(new), max(room.in_full, min(1, room.left)))
    if n_new == 0:
        alarms.raise_(db, Kind.CASES, node=admitted.node.name, at=admitted.at)
    withheld = {r.case_id for r in new[n_new:]}
    return [r for r in results if r.case_id not in withheld]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    in_full: int  # cases that whole answers may still bring
    left: int
    retry_after: int  # seconds until there is more


def _room(db: Connection, admitted: Admitted, allowance: Allowance) -> _Room:
    name, at = admitted.node.name, admitted.at
    today = ledger.learned(db, name, since=Period.DAY.start(at)).n_cases
    month = ledger.learned(db, name, since=at - MONTH)
    pairs = ((allowance.cases_per_day, today), (allowance.cases_per_month, month.n_cases))
    if month.n_cases >= allowance.cases_per_month and month.earliest is not None:
        opens = month.earliest + MONTH
    else:
        opens = Period.DAY.end(at)
    return _Room(
        in_full=min(most - kept - n for (most, n), kept in zip(pairs, allowance.kept_back, strict=True)),
        left=min(most - n for most, n in pairs),
        retry_after=int((opens - at).total_seconds()) + 1,
    )
