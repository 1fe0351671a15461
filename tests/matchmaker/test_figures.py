"""Figures by month: what is counted, and what is not shown."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import update

from matchmaker import cases, figures
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.errors import Forbidden
from matchmaker.model import CaseId, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import exchanges
from matchmaker.store.exchanges import Direction, Exchange
from matchmaker.store.tables import cases as cases_table
from tests.builders import a_case, a_genomic_feature

TODAY = dt.date(2026, 3, 15)
JANUARY, FEBRUARY, MARCH = dt.date(2026, 1, 1), dt.date(2026, 2, 1), dt.date(2026, 3, 1)


def stored(mm: Matchmaker, n: int, *, month: dt.date, **stated: object) -> list[CaseId]:
    """Store cases, each of another owner and with another gene, as if that was in the month."""
    made = [
        a_case(owner=f"{month}-{k}@example.org", genomic_features=[a_genomic_feature(f"HGNC:{5 + k}")], **stated)
        for k in range(n)
    ]
    ids = [one.case_id for one in cases.submit_many(mm, made, by=SYSTEM)]
    at = dt.datetime.combine(month, dt.time(12), dt.UTC)
    with mm.transaction() as db:
        db.execute(update(cases_table).where(cases_table.c.id.in_(ids)).values(created_at=at))
    return ids


def exchanged(mm: Matchmaker, n: int, *, month: dt.date, **stated: object) -> None:
    usual = {"node": NodeName("spain"), "direction": Direction.SENT, "kind": "match", "status": "answered"}
    at = dt.datetime.combine(month, dt.time(12), dt.UTC)
    with mm.transaction() as db:
        for _ in range(n):
            exchanges.record(db, Exchange(**{**usual, "at": at, "seconds": 0.5, **stated}))  # type: ignore[arg-type]


def test_cases_submitters_and_genes_grow_and_those_below_ten_are_not_shown(mm: Matchmaker) -> None:
    stored(mm, 4, month=JANUARY)
    stored(mm, 8, month=FEBRUARY)
    stored(mm, 12, month=MARCH)
    stored(mm, 30, month=FEBRUARY, test=True)

    found = figures.figures(mm, by=SYSTEM, n_months=4, today=TODAY)

    assert list(found.months) == [dt.date(2025, 12, 1), JANUARY, FEBRUARY, MARCH]
    assert found.cases == [0, None, 10, 20]
    assert found.submitters == [0, None, 10, 20]
    assert found.genes == [0, None, None, 10]  # 4, 8 and 12 different ones


def test_withdrawn_cases_are_not_counted(mm: Matchmaker) -> None:
    for case_id in stored(mm, 12, month=MARCH)[:3]:
        cases.withdraw(mm, case_id, by=SYSTEM)

    assert figures.figures(mm, by=SYSTEM, n_months=1, today=TODAY).cases == [None]


def test_requests_are_counted_by_direction_and_times_are_means(mm: Matchmaker) -> None:
    exchanged(mm, 20, month=FEBRUARY)
    exchanged(mm, 12, month=FEBRUARY, status="timeout", seconds=10.0)
    exchanged(mm, 9, month=MARCH)
    exchanged(mm, 40, month=MARCH, direction=Direction.RECEIVED, status="200", seconds=0.25)
    exchanged(mm, 40, month=MARCH, direction=Direction.RECEIVED, kind="heartbeat")
    exchanged(mm, 40, month=MARCH, direction=Direction.RECEIVED, test=True)

    found = figures.figures(mm, by=SYSTEM, n_months=2, today=TODAY)

    assert (found.sent.n, found.sent.n_failed) == ([30, None], [10, 0])
    assert found.sent.seconds == [pytest.approx((20 * 0.5 + 12 * 10) / 32), None]
    assert (found.received.n, found.received.seconds) == ([0, 40], [None, 0.25])


def test_clinicians_look_at_their_cases_and_not_at_the_node(sqlite_mm: Matchmaker) -> None:
    with pytest.raises(Forbidden):
        figures.figures(sqlite_mm, by=User(email="a@example.org", role=Role.CLINICIAN))
