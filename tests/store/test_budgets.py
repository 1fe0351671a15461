from __future__ import annotations

import datetime as dt

import pytest

from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import budgets
from matchmaker.store.budgets import Period

SPAIN, FINLAND = NodeName("spain"), NodeName("finland")
AT = dt.datetime(2026, 3, 1, 12, 30, 20, tzinfo=dt.UTC)
SECOND, MINUTE, DAY = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(days=1)


def spent(mm: Matchmaker, *, at: dt.datetime, node: NodeName = SPAIN) -> tuple[int, int]:
    with mm.reading() as db:
        found = budgets.spent(db, node, at=at)
    return found[Period.MINUTE], found[Period.DAY]


def charge(mm: Matchmaker, *, at: dt.datetime, day: int = 1) -> None:
    with mm.transaction() as db:
        budgets.charge(db, SPAIN, costs={Period.MINUTE: 1, Period.DAY: day}, at=at)


def test_charges_of_one_period_add_up_for_that_node_alone(mm: Matchmaker) -> None:
    charge(mm, at=AT, day=30)
    charge(mm, at=AT + SECOND)

    assert spent(mm, at=AT) == (2, 31)
    assert spent(mm, at=AT, node=FINLAND) == (0, 0)


def test_budget_is_whole_again_when_its_period_is_over(mm: Matchmaker) -> None:
    charge(mm, at=AT)

    assert spent(mm, at=AT + MINUTE) == (0, 1)
    assert spent(mm, at=AT + DAY) == (0, 0)
    charge(mm, at=AT + MINUTE)
    assert spent(mm, at=AT + MINUTE) == (1, 2)
    charge(mm, at=AT + DAY)
    assert spent(mm, at=AT + DAY) == (1, 1)


def test_clock_that_runs_behind_does_not_give_a_budget_back(mm: Matchmaker) -> None:
    charge(mm, at=AT + MINUTE)
    charge(mm, at=AT)

    assert spent(mm, at=AT + MINUTE) == (2, 2)


@pytest.mark.parametrize(("period", "start"), [(Period.MINUTE, (12, 30, 0)), (Period.DAY, (0, 0, 0))])
def test_periods_are_those_of_utc(period: Period, start: tuple[int, int, int]) -> None:
    began = period.start(AT.astimezone(dt.timezone(dt.timedelta(hours=5))))

    assert (began.hour, began.minute, began.second) == start
    assert period.end(AT) - began == (MINUTE if period is Period.MINUTE else DAY)
