"""Recorded matches: a pair of cases found alike, and what became of it; a row per pair, as our case's owner sees it."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, case, delete, func, null, or_, select, update
from sqlalchemy.sql.dml import ReturningInsert

from matchmaker.errors import NotFound
from matchmaker.model import CaseId, NodeName, Score
from matchmaker.store import dialects
from matchmaker.store.engine import keys_of
from matchmaker.store.tables import AnyRow, matches

OURSELVES = NodeName("")  # the other case is of this node
_AT_ONCE = 500  # parameters in one IN: below every database's limit
_PROBABILITY = ("phenotype_ratio", "gene_ratio", "n_searched")
_CHANGING = ("total", "phenotype", "genotype", "release", "scoring", "calibration", *_PROBABILITY, "last_seen", "told")


class MatchStatus(StrEnum):
    """How far a match has come, at the centre of our case."""

    NEW = "new"
    SEEN = "seen"
    CONTACTED = "contacted"
    CONTACTED_US = "contacted_us"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"  # set aside, until one of the two cases changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """That a case of ours is like another one: ours too, or one that a node named to us."""

    case_id: CaseId
    other_id: str  # of another node: the id by which that node names it
    node: NodeName = OURSELVES
    asked_by_us: bool = True  # False: the other node asked, and our case was in the answer
    score: Score
    release: str
    scoring: str
    calibration: str
    phenotype_ratio: float | None = None  # ln of the likelihood ratio of the same disease gene; None: no evidence
    gene_ratio: float | None = None
    n_searched: int | None = None  # cases among which the other was found; None: not known
    told: str | None = None  # what the other node told of its case; kept sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A finding with its life."""

    id: str
    finding: Finding
    status: MatchStatus
    first_seen: dt.datetime
    last_seen: dt.datetime
    outdated_at: dt.datetime | None = None  # its node corrected the case since, and is being asked again
    confirmed_there_at: dt.datetime | None = None  # the other side confirmed it, and has not taken that back


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Where a finding was kept, and how far that match has come."""

    id: str
    status: MatchStatus


def record(db: Connection, finding: Finding, *, at: dt.datetime) -> Recorded:
    """Keep a finding; the same pair again updates its score and keeps its status and when it was first seen."""
    return record_all(db, [finding], at=at)[0]


def record_all(db: Connection, findings: Sequence[Finding], *, at: dt.datetime) -> list[Recorded]:
    """Keep findings of distinct pairs, as `record` does, all in one statement."""
    if not findings:
        return []
    # One order for all writers, so that two of them cannot wait for each other.
    ordered = sorted(findings, key=lambda finding: (finding.case_id, finding.node, finding.other_id))
    rows = [_row(db, finding, at=at) for finding in ordered]
    kept = {(row.case_id, row.node, row.other_id): row for row in db.execute(_upsert(db), rows)}
    recorded = (kept[finding.case_id, finding.node, finding.other_id] for finding in findings)
    return [Recorded(id=row.id, status=MatchStatus(row.status)) for row in recorded]


def get(db: Connection, match_id: str) -> Match:
    """Return a match; NotFound when it is not there any more."""
    row = db.execute(select(matches).where(matches.c.id == match_id)).first()
    if row is None:
        raise NotFound("match", match_id)
    return _match(db, row)


def among(db: Connection, match_ids: Collection[str]) -> dict[str, Match]:
    """Return those of these matches that are still there, by id."""
    ids, there = sorted(set(match_ids)), dict[str, Match]()
    for start in range(0, len(ids), _AT_ONCE):
        query = select(matches).where(matches.c.id.in_(ids[start : start + _AT_ONCE]))
        there |= {row.id: _match(db, row) for row in db.execute(query)}
    return there


def of_case(db: Connection, case_id: CaseId) -> list[Match]:
    """Return a case's matches, best first."""
    query = select(matches).where(matches.c.case_id == case_id).order_by(matches.c.total.desc(), matches.c.other_id)
    return [_match(db, row) for row in db.execute(query)]


def set_status(db: Connection, match_id: str, status: MatchStatus) -> None:
    """Move a match on in its life."""
    if db.execute(update(matches).where(matches.c.id == match_id).values(status=status)).rowcount == 0:
        raise NotFound("match", match_id)


def set_confirmed_there(db: Connection, match_id: str, *, at: dt.datetime | None) -> None:
    """Remember that the other side confirmed a match; None: that it took that back."""
    if db.execute(update(matches).where(matches.c.id == match_id).values(confirmed_there_at=at)).rowcount == 0:
        raise NotFound("match", match_id)


def find(db: Connection, case_id: CaseId, node: NodeName, other_id: str) -> Match | None:
    """Return the match of a pair, if it was recorded."""
    pair = (matches.c.case_id == case_id) & (matches.c.node == node) & (matches.c.other_id == other_id)
    row = db.execute(select(matches).where(pair)).first()
    return None if row is None else _match(db, row)


def of_cases(db: Connection, case_ids: Collection[CaseId], *, most: int) -> tuple[list[Match], int]:
    """Return at most so many matches of any number of cases, and count all; the newest day first, of a day the best."""
    wanted = dialects.among(db, matches.c.case_id, "ids")
    order = (func.date(matches.c.first_seen).desc(), matches.c.total.desc(), matches.c.id)
    ids = {"ids": list(case_ids)}
    n_all = db.scalar(select(func.count()).select_from(matches).where(wanted), ids) or 0
    rows = db.execute(select(matches).where(wanted).order_by(*order).limit(most), ids)
    return [_match(db, row) for row in rows], n_all


def counts(db: Connection, case_ids: Collection[CaseId]) -> dict[CaseId, dict[MatchStatus, int]]:
    """Count the matches of each case by status; a case without matches is not in it. At most 500 cases."""
    wanted = matches.c.case_id.in_(list(case_ids)[:_AT_ONCE])
    query = select(matches.c.case_id, matches.c.status, func.count()).where(wanted)
    found: dict[CaseId, dict[MatchStatus, int]] = {}
    for case_id, status, n in db.execute(query.group_by(matches.c.case_id, matches.c.status)):
        found.setdefault(CaseId(case_id), {})[MatchStatus(status)] = n
    return found


def bring_back(db: Connection, case_ids: Collection[CaseId]) -> int:
    """Make matches new again that were set aside before one of these cases changed; return how many."""
    ids = list(case_ids)
    n_back = 0
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        concerned = matches.c.case_id.in_(some) | matches.c.other_case.in_(some)
        aside = concerned & (matches.c.status == MatchStatus.DISMISSED)
        n_back += db.execute(update(matches).where(aside).values(status=MatchStatus.NEW)).rowcount
    return n_back


def forget_of_nodes_before(db: Connection, moment: dt.datetime) -> int:
    """Drop what other nodes told and nobody confirmed, when it was last seen before; return how many."""
    old = (matches.c.node != OURSELVES) & (matches.c.last_seen < moment)
    unconfirmed = (matches.c.status != MatchStatus.CONFIRMED) & matches.c.confirmed_there_at.is_(None)
    return db.execute(delete(matches).where(old, unconfirmed)).rowcount


def cases_alike(db: Connection, node: NodeName, other_id: str) -> list[CaseId]:
    """Return our cases that were found alike to one case of a node."""
    about = (matches.c.node == node) & (matches.c.other_id == other_id)
    return [CaseId(id_) for id_ in db.scalars(select(matches.c.case_id).where(about).order_by(matches.c.case_id))]


def forget_other(db: Connection, node: NodeName, other_id: str) -> int:
    """Drop all that a node told of one of its cases; return how many matches."""
    return db.execute(delete(matches).where(matches.c.node == node, matches.c.other_id == other_id)).rowcount


def forget_one(db: Connection, case_id: CaseId, node: NodeName, other_id: str) -> None:
    """Drop what a node told of one of its cases, for one case of ours."""
    pair = (matches.c.case_id == case_id) & (matches.c.node == node) & (matches.c.other_id == other_id)
    db.execute(delete(matches).where(pair))


def mark_outdated(db: Connection, case_id: CaseId, node: NodeName, other_id: str, *, at: dt.datetime) -> None:
    """Remember that a node corrected its case after it told us of it."""
    pair = (matches.c.case_id == case_id) & (matches.c.node == node) & (matches.c.other_id == other_id)
    db.execute(update(matches).where(pair).values(outdated_at=at))


def forget_outdated(
    db: Connection, *, case_id: CaseId | None = None, node: NodeName | None = None, before: dt.datetime
) -> int:
    """Drop what a node corrected before and has not told anew; return how many matches."""
    old = matches.c.outdated_at < before
    if case_id is not None:
        old &= matches.c.case_id == case_id
    if node is not None:
        old &= matches.c.node == node
    return db.execute(delete(matches).where(old)).rowcount


def count(db: Connection) -> int:
    """Return how many matches are recorded."""
    return db.scalar(select(func.count()).select_from(matches)) or 0


def _row(db: Connection, finding: Finding, *, at: dt.datetime) -> dict[str, Any]:
    told = None if finding.told is None else keys_of(db).seal(finding.told.encode(), context=_context(finding))
    return {
        "id": secrets.token_hex(16),
        "case_id": finding.case_id,
        "node": finding.node,
        "other_id": finding.other_id,
        "other_case": finding.other_id if finding.node == OURSELVES else None,
        "asked_by_us": finding.asked_by_us,
        "total": finding.score.total,
        "phenotype": finding.score.phenotype,
        "genotype": finding.score.genotype,
        "release": finding.release,
        "scoring": finding.scoring,
        "calibration": finding.calibration,
        "phenotype_ratio": finding.phenotype_ratio,
        "gene_ratio": finding.gene_ratio,
        "n_searched": finding.n_searched,
        "status": MatchStatus.NEW,
        "first_seen": at,
        "last_seen": at,
        "told": told,
    }


@dialects.once
def _upsert(db: Connection) -> ReturningInsert[Any]:
    statement = dialects.insert(db, matches)
    changes: dict[str, Any] = {name: statement.excluded[name] for name in _CHANGING}
    # Who asked first has heard of the other: that they ask us later takes nothing away from it.
    changes["outdated_at"] = null()  # a parameter here would make it one statement a row
    changes["asked_by_us"] = or_(matches.c.asked_by_us, statement.excluded.asked_by_us)
    # A question of theirs does not say among how many cases it would have found ours; our own search did.
    for name in _PROBABILITY:
        changes[name] = case((statement.excluded.n_searched.is_(None), matches.c[name]), else_=statement.excluded[name])
    pair = [matches.c.case_id, matches.c.node, matches.c.other_id]
    kept = statement.on_conflict_do_update(index_elements=pair, set_=changes)
    return kept.returning(*pair, matches.c.id, matches.c.status)


def _match(db: Connection, row: AnyRow) -> Match:
    finding = Finding(
        case_id=CaseId(row.case_id),
        other_id=row.other_id,
        node=NodeName(row.node),
        asked_by_us=row.asked_by_us,
        score=Score(total=row.total, phenotype=row.phenotype, genotype=row.genotype),
        release=row.release,
        scoring=row.scoring,
        calibration=row.calibration,
        phenotype_ratio=row.phenotype_ratio,
        gene_ratio=row.gene_ratio,
        n_searched=row.n_searched,
    )
    told = None if row.told is None else keys_of(db).open(row.told, context=_context(finding)).decode()
    return Match(
        id=row.id,
        finding=replace(finding, told=told),
        status=MatchStatus(row.status),
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        outdated_at=row.outdated_at,
        confirmed_there_at=row.confirmed_there_at,
    )


def _context(finding: Finding) -> str:
    return f"match {finding.case_id} {finding.node} {finding.other_id}"
