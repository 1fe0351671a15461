"""The disclosure ledger: which node was told what of which case, each distinct answer one line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Select, bindparam, func, literal_column, select

from matchmaker.model import CaseId, NodeName
from matchmaker.store import dialects
from matchmaker.store.tables import AnyRow, ledger, revealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One answer that revealed a case; `fingerprint` is the SHA-256 of what was said of it."""

    case_id: CaseId
    fingerprint: str
    extent: str | None = field(default=None, compare=False)  # how much: `genes=1 terms=4`
    test: bool = field(default=False, compare=False)  # nobody's case: not counted among what a node learned of


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one node was told of one case, how often, from when to when."""

    node: NodeName
    told: Told
    first_at: dt.datetime
    last_at: dt.datetime
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """How many distinct cases a node first learned of since a moment, and when of the earliest of them."""

    n_cases: int
    earliest: dt.datetime | None


def record(db: Connection, node: NodeName, *, told: Sequence[Told], at: dt.datetime) -> None:
    """Write down what an answer tells; the same answer again is the same line."""
    if not told:
        return
    # One order for all writers, so that two answers about the same cases cannot wait for each other.
    lines = sorted(set(told), key=lambda line: (line.case_id, line.fingerprint))
    _lines(db).insert(db, [[line.case_id, node, line.fingerprint, at, at, 1, line.extent] for line in lines])
    learned = sorted({line.case_id for line in lines if not line.test})
    if learned:
        _revealed(db).insert(db, [[node, case_id, at] for case_id in learned])


def of_case(db: Connection, case_id: CaseId) -> list[Line]:
    """Return who was told of a case, oldest first: for the data subject, and for whoever must hear of a withdrawal."""
    query = select(ledger).where(ledger.c.case_id == case_id).order_by(ledger.c.first_at, ledger.c.node)
    return [_line(row) for row in db.execute(query)]


def of_node(db: Connection, node: NodeName, *, limit: int) -> list[Line]:
    """Return what a node was told, the last answer first."""
    query = select(ledger).where(ledger.c.node == node)
    newest_first = query.order_by(ledger.c.last_at.desc(), ledger.c.case_id, ledger.c.fingerprint).limit(limit)
    return [_line(row) for row in db.execute(newest_first)]


def n_of_node(db: Connection, node: NodeName) -> int:
    """Return how many distinct answers a node was told."""
    return db.scalar(select(func.count()).select_from(ledger).where(ledger.c.node == node)) or 0


def repeated(db: Connection, node: NodeName, told: Collection[Told]) -> set[Told]:
    """Return those of the answers that the node was given before, to the letter."""
    if not told:
        return set()
    asked = {
        "of_node": node,
        "case_ids": sorted({line.case_id for line in told}),
        "fingerprints": sorted({line.fingerprint for line in told}),
    }
    there = {(case_id, fingerprint) for case_id, fingerprint in db.execute(_repeated(db), asked).all()}
    return {line for line in told if (line.case_id, line.fingerprint) in there}


def known(db: Connection, node: NodeName, case_ids: Collection[CaseId], *, since: dt.datetime) -> dict[CaseId, int]:
    """Return those of the cases that a node was told of before, and in how many distinct answers first given since."""
    asked = {"of_node": node, "case_ids": list(case_ids), "since": since}
    return {CaseId(case_id): n for case_id, n in db.execute(_known(db), asked).all()}


def learned(db: Connection, node: NodeName, *, since: dt.datetime) -> Learned:
    """Count the distinct cases that a node was told of for the first time since then."""
    n_cases, earliest = db.execute(_LEARNED, {"of_node": node, "since": since}).one()
    return Learned(n_cases=n_cases, earliest=earliest)


def n_revealed(db: Connection, node: NodeName, *, since: dt.datetime) -> int:
    """Count the distinct cases that a node was told of for the first time since then."""
    return learned(db, node, since=since).n_cases


def _line(row: AnyRow) -> Line:
    return Line(
        node=NodeName(row.node),
        told=Told(case_id=CaseId(row.case_id), fingerprint=row.fingerprint, extent=row.extent),
        first_at=row.first_at,
        last_at=row.last_at,
        times=row.times,
    )


_LEARNED = select(func.count(), func.min(revealed.c.first_at)).where(
    revealed.c.node == bindparam("of_node"), revealed.c.first_at >= bindparam("since")
)


@dialects.once
def _lines(db: Connection) -> dialects.Rows:
    statement = dialects.insert(db, ledger)
    again = {"last_at": statement.excluded.last_at, "times": ledger.c.times + literal_column("1")}
    key = [ledger.c.node, ledger.c.case_id, ledger.c.fingerprint]
    return dialects.Rows(db, statement.on_conflict_do_update(index_elements=key, set_=again))


@dialects.once
def _revealed(db: Connection) -> dialects.Rows:
    return dialects.Rows(db, dialects.insert(db, revealed).on_conflict_do_nothing())


@dialects.once
def _repeated(db: Connection) -> Select[str, str]:
    return select(ledger.c.case_id, ledger.c.fingerprint).where(
        ledger.c.node == bindparam("of_node"),
        dialects.among(db, ledger.c.case_id, "case_ids"),
        dialects.among(db, ledger.c.fingerprint, "fingerprints"),
    )


@dialects.once
def _known(db: Connection) -> Select[str, int]:
    of_these = (revealed.c.node == bindparam("of_node")) & dialects.among(db, revealed.c.case_id, "case_ids")
    answers = (ledger.c.node == revealed.c.node) & (ledger.c.case_id == revealed.c.case_id)
    n_distinct = select(func.count()).where(answers, ledger.c.first_at >= bindparam("since")).scalar_subquery()
    return select(revealed.c.case_id, n_distinct).where(of_these)
