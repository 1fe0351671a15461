"""The counters of `/mme/metrics`: counted over all cases once a day, then read from one row.

Counted are cases that other nodes may be told of: test cases, withdrawn ones and those kept at home are not (MME 1.1,
Metrics).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from matchmaker.model import Sharing, Status
from matchmaker.store import dialects, exchanges
from matchmaker.store.engine import stream
from matchmaker.store.tables import cases, metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Exact numbers, named as in the standard; rounding is for who shows them."""

    number_of_cases: int
    number_of_submitters: int
    number_of_genes: int
    number_of_unique_genes: int
    number_of_variants: int
    number_of_unique_variants: int
    number_of_features: int
    number_of_unique_features: int
    number_of_feature_sets: int
    number_of_unique_genes_matched: int
    number_of_cases_with_diagnosis: int
    number_of_requests_received: int
    number_of_potential_matches_sent: int


def of_day(db: Connection, day: dt.date) -> Counters | None:
    """Return what was counted on that day; None when nothing was yet."""
    found = db.scalar(select(metrics.c.counters).where(metrics.c.day == day))
    return None if found is None else Counters(**json.loads(found))


def keep(db: Connection, day: dt.date, counters: Counters) -> None:
    """Keep the count of a day; the first one stays, so that a day has one answer."""
    row = dialects.insert(db, metrics).values(day=day, counters=json.dumps(asdict(counters), sort_keys=True))
    db.execute(row.on_conflict_do_nothing())


def count(db: Connection) -> Counters:
    """Count now: a pass over all shared cases."""
    genes, variants, features = _Tally(), _Tally(), _Tally()
    n_cases = n_feature_sets = n_diagnosed = 0
    for profile in _shared_profiles(db):
        n_cases += 1
        observed = [feature["term"] for feature in profile.get("features", ()) if not feature["excluded"]]
        features.add(observed)
        n_feature_sets += bool(observed)
        n_diagnosed += "disorders" in profile
        for found in profile.get("genomic_features", ()):
            genes.add([found["gene"]] if "gene" in found else [])
            variants.add([_alleles(variant) for variant in found.get("variants", ())])
    asked = exchanges.totals(db)
    return Counters(
        number_of_cases=n_cases,
        number_of_submitters=db.scalar(select(func.count(cases.c.owner_key.distinct())).where(_SHARED)) or 0,
        number_of_genes=genes.n,
        number_of_unique_genes=len(genes.distinct),
        number_of_variants=variants.n,
        number_of_unique_variants=len(variants.distinct),
        number_of_features=features.n,
        number_of_unique_features=len(features.distinct),
        number_of_feature_sets=n_feature_sets,
        number_of_unique_genes_matched=asked.genes,
        number_of_cases_with_diagnosis=n_diagnosed,
        number_of_requests_received=asked.requests,
        number_of_potential_matches_sent=asked.results,
    )


_SHARED = (
    cases.c.sharing.in_([Sharing.EEA, Sharing.FEDERATED])
    & (cases.c.status != Status.WITHDRAWN)
    & cases.c.test.is_(False)
)


class _Tally:
    """How many there are, and how many different ones."""

    def __init__(self) -> None:
        self.n = 0
        self.distinct: set[object] = set()

    def add(self, items: list[Any]) -> None:
        self.n += len(items)
        self.distinct.update(items)


def _shared_profiles(db: Connection) -> Iterator[dict[str, Any]]:
    for row in stream(db, select(cases.c.profile).where(_SHARED)):
        yield json.loads(row.profile)


def _alleles(variant: dict[str, Any]) -> tuple[object, ...]:
    """What makes two variants the same one, whoever carries it."""
    names = ("assembly", "chromosome", "start", "end", "reference_bases", "alternate_bases", "hgvs")
    return tuple(variant.get(name) for name in names)
