"""What is counted by month for those who run a node: what there is, and what goes in and out."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from matchmaker.model import Status
from matchmaker.store.engine import stream
from matchmaker.store.exchanges import Direction
from matchmaker.store.tables import cases, exchanges, matches

_KEPT = (cases.c.status != Status.WITHDRAWN) & cases.c.test.is_(False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """How many there were at the end of a month, of what is still here."""

    cases: int = 0
    submitters: int = 0
    genes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """The match requests of a month in one direction."""

    n: int = 0
    n_failed: int = 0
    seconds: float = 0.0  # all together


def stock(db: Connection, months: Sequence[dt.date]) -> list[Stock]:
    """Count cases, their owners and their distinct genes at the end of each month: one pass over all cases."""
    ends = [_next(month) for month in months]
    places = [0] * (len(ends) + 1)
    owners: dict[str, int] = {}
    genes: dict[str, int] = {}
    rows = stream(db, select(cases.c.created_at, cases.c.owner_key, cases.c.profile).where(_KEPT))
    for row in rows:
        place = next((number for number, end in enumerate(ends) if row.created_at.date() < end), len(ends))
        places[place] += 1
        owners[row.owner_key] = min(place, owners.get(row.owner_key, place))
        for gene in _genes(row.profile):
            genes[gene] = min(place, genes.get(gene, place))
    return [
        Stock(
            cases=sum(places[: number + 1]),
            submitters=sum(first <= number for first in owners.values()),
            genes=sum(first <= number for first in genes.values()),
        )
        for number in range(len(months))
    ]


def n_matches(db: Connection, *, since: dt.date) -> dict[dt.date, int]:
    """Count the matches that were first seen in each month."""
    day = func.date(matches.c.first_seen)
    query = (
        select(day.label("day"), func.count().label("n")).where(matches.c.first_seen >= _moment(since)).group_by(day)
    )
    found: dict[dt.date, int] = defaultdict(int)
    for row in db.execute(query):
        found[_month(row.day)] += row.n
    return found


def requests(db: Connection, direction: Direction, *, since: dt.date) -> dict[dt.date, Requests]:
    """Add up the match requests of each month, without those of test cases."""
    day, status = func.date(exchanges.c.at), exchanges.c.status
    counted = (exchanges.c.direction == direction) & (exchanges.c.kind == "match") & exchanges.c.test.is_(False)
    query = (
        select(day.label("day"), status, func.count().label("n"), func.sum(exchanges.c.seconds).label("seconds"))
        .where(counted & (exchanges.c.at >= _moment(since)))
        .group_by(day, status)
    )
    found: dict[dt.date, Requests] = defaultdict(Requests)
    for row in db.execute(query):
        month, failed = _month(row.day), 0 if row.status in {"answered", "200"} else row.n
        before = found[month]
        found[month] = Requests(
            n=before.n + row.n, n_failed=before.n_failed + failed, seconds=before.seconds + float(row.seconds)
        )
    return found


def _genes(profile: str) -> Iterator[str]:
    for feature in json.loads(profile).get("genomic_features", ()):
        if "gene" in feature:
            yield feature["gene"]


def _month(day: object) -> dt.date:
    return dt.date.fromisoformat(str(day)).replace(day=1)


def _next(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=31)).replace(day=1)


def _moment(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
