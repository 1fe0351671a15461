"""The figures of a node by month, as they may be shown: nothing in 1..9, and counts rounded down to tens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.service import Matchmaker
from matchmaker.store import by_month
from matchmaker.store.by_month import Requests
from matchmaker.store.exchanges import Direction

LEAST = 10  # of what fewer than so many are counted, nothing is shown
MONTHS = 12
Shown = Sequence[int | None]  # None: there are some, and fewer than LEAST


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """Match requests in one direction; `seconds` is None for months with too few."""

    n: Shown
    n_failed: Shown
    seconds: Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A value for each of `months`: what there is at its end, and what came in it."""

    months: Sequence[dt.date]
    cases: Shown
    submitters: Shown
    genes: Shown
    matches: Shown
    received: Exchanged
    sent: Exchanged


def figures(mm: Matchmaker, *, by: User, n_months: int = MONTHS, today: dt.date | None = None) -> Figures:
    """Count the last months, this one included."""
    require(by, Action.SEE_FIGURES)
    months = _months(today or dt.datetime.now(dt.UTC).date(), n_months)
    with mm.reading() as db:
        stock = by_month.stock(db, months)
        found = by_month.n_matches(db, since=months[0])
        received, sent = (by_month.requests(db, one, since=months[0]) for one in (Direction.RECEIVED, Direction.SENT))
    return Figures(
        months=months,
        cases=_shown(one.cases for one in stock),
        submitters=_shown(one.submitters for one in stock),
        genes=_shown(one.genes for one in stock),
        matches=_shown(found[month] for month in months),
        received=_exchanged([received[month] for month in months]),
        sent=_exchanged([sent[month] for month in months]),
    )


def shown(n: int) -> int | None:
    """Return a count as it may be shown.

    Examples
    --------
    >>> shown(0), shown(9), shown(10), shown(129)
    (0, None, 10, 120)
    """
    return None if 0 < n < LEAST else n - n % LEAST


def _shown(counts: Iterable[int]) -> Shown:
    return [shown(n) for n in counts]


def _exchanged(requests: Sequence[Requests]) -> Exchanged:
    return Exchanged(
        n=_shown(one.n for one in requests),
        n_failed=_shown(one.n_failed for one in requests),
        seconds=[one.seconds / one.n if one.n >= LEAST else None for one in requests],
    )


def _months(today: dt.date, n: int) -> list[dt.date]:
    """The first days of the last months, the oldest first."""
    last = today.year * 12 + today.month - 1
    return [dt.date(number // 12, number % 12 + 1, 1) for number in range(last - n + 1, last + 1)]
