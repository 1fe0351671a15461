"""Thirty national nodes on loopback: which pairs find each other, how soon, at what cost, and what grows how.

    python -m benchmarks network [--nodes 30] [--cases 1200] [--pairs 20] [--latency 50] [--growth]

Prints one JSON object. Each node is a real one with its own database, server and worker, and is paired with all others;
national case numbers are in proportion to population. Of each planted pair one patient is stored, the other is entered
in another country; it is found when the clinicians of both have been alerted. Some nodes are dead, slow or hostile:
what lies there cannot be found, and must cost nobody else. `--growth` runs smaller networks too.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks._countries import Country, Traffic, a_country, a_faulty_one, pair_all, settle
from benchmarks.peers import Patient, load, made_up
from matchmaker import logs, worker
from matchmaker.model import CaseId, NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode
from matchmaker.store import matches, notifications

# Inhabitants in millions, rounded: the countries of the European Economic Area.
POPULATION = dict(
    zip(
        "DE FR IT ES PL RO NL BE CZ PT SE GR HU AT BG DK FI NO SK IE HR LT SI LV EE CY LU MT IS LI".split(),  # noqa: SIM905
        (
            *(83.5, 68.4, 59.0, 48.6, 36.6, 19.1, 17.9, 11.8, 10.9, 10.6, 10.6, 10.4, 9.6, 9.2, 6.4),
            *(6.0, 5.6, 5.6, 5.4, 5.3, 3.9, 2.9, 2.1, 1.9, 1.4, 1.0, 0.7, 0.6, 0.4, 0.04),
        ),
        strict=True,
    )
)
PATIENCE = 120.0  # seconds after which a pair counts as not found: a node that did not answer in time is asked again
FAULTY = {"dead": 1, "slow": 1, "hostile": 1}  # for every ten nodes


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    nodes: int
    nodes_out_of_order: int
    cases: int
    pairs: int
    pairs_at_nodes_in_order: int
    found_by_both: int  # of the pairs at nodes in order: both clinicians alerted
    seconds_to_alert_who_entered: dict[str, float]
    seconds_to_alert_the_other: dict[str, float]
    messages_per_case: float
    kilobytes_per_case: float
    cpu_seconds_per_case: float  # of the whole network, for one case entered


def measure(*, n_nodes: int, n_cases: int, n_pairs: int, latency: float, seed: int = 1) -> Figures:
    """Build the network, store what is there, enter the second patient of each pair."""
    logs.configure(Mode.DEVELOPMENT, level=logging.CRITICAL)
    chance = random.Random(seed)
    names = sorted(POPULATION, key=lambda name: -POPULATION[name])[:n_nodes]
    out_of_order = _out_of_order(names, chance)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        traffic = Traffic()
        live = {
            name: stack.enter_context(a_country(name, folder / name, traffic, chance.uniform(0.2, 1.8) * latency))
            for name in names
            if name not in out_of_order
        }
        urls = {name: stack.enter_context(a_faulty_one(kind)) for name, kind in out_of_order.items()}
        planted = _populate(live, names, n_cases=n_cases, n_pairs=n_pairs, chance=chance)
        pair_all(live, urls)
        return _enter(live, planted, traffic, n_cases=n_cases, n_out=len(out_of_order), chance=chance)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planted:
    country: str
    case_id: CaseId | None  # None: it lies at a node that is out of order
    other: Patient


def _out_of_order(names: Sequence[str], chance: random.Random) -> dict[str, str]:
    kinds = [kind for kind, n in FAULTY.items() for _ in range(n * len(names) // 10)]
    return dict(zip(chance.sample(list(names), k=len(kinds)), kinds, strict=True))


def _populate(
    live: dict[str, Country], names: Sequence[str], *, n_cases: int, n_pairs: int, chance: random.Random
) -> list[_Planted]:
    """Store cases in proportion to population, and among them the first patient of each pair."""
    patients = made_up(n_cases + 3 * n_pairs, seed=chance.randrange(1000))
    with_gene = [patient for patient in patients if "genomicFeatures" in patient]
    firsts = with_gene[:n_pairs]
    rest = [patient for patient in patients if patient not in firsts][: n_cases - n_pairs]
    weights = [POPULATION[name] for name in names]
    where = {patient["id"]: chance.choices(names, weights)[0] for patient in [*firsts, *rest]}
    ids: dict[str, CaseId] = {}
    for name, country in live.items():
        own = [patient for patient in [*firsts, *rest] if where[patient["id"]] == name]
        ids |= {case.local_id: case.id for case in load(country.mm, own)}
        worker.drain(country.mm)
    return [
        _Planted(country=where[first["id"]], case_id=ids.get(first["id"]), other=_alike(first, chance))
        for first in firsts
    ]


def _alike(first: Patient, chance: random.Random) -> Patient:
    """Another patient with the same gene and two thirds of the findings."""
    features = first["features"]
    some = chance.sample(features, k=max(2, 2 * len(features) // 3))
    return {**first, "id": f"other {first['id']}", "features": some}


def _enter(
    live: dict[str, Country],
    planted: Sequence[_Planted],
    traffic: Traffic,
    *,
    n_cases: int,
    n_out: int,
    chance: random.Random,
) -> Figures:
    """Enter the second patients one after another, and wait until every worker has come to rest."""
    seconds: list[tuple[float, float]] = []
    traffic.messages = traffic.bytes = 0
    cpu = time.process_time()
    for pair in planted:
        name = chance.choice([name for name in live if name != pair.country])
        began = time.time()
        (entered,) = load(live[name].mm, [pair.other])
        live[name].nudge.set()
        if pair.case_id is None:
            settle(live)
            continue
        here = _alerted(live[name].mm, entered.id, NodeName(pair.country))
        there = _alerted(live[pair.country].mm, pair.case_id, NodeName(name))
        if here is not None and there is not None:
            seconds.append((here - began, there - began))
        settle(live)
    cpu = time.process_time() - cpu
    in_order = [pair for pair in planted if pair.case_id is not None]
    return Figures(
        nodes=len(live) + n_out,
        nodes_out_of_order=n_out,
        cases=n_cases,
        pairs=len(planted),
        pairs_at_nodes_in_order=len(in_order),
        found_by_both=len(seconds),
        seconds_to_alert_who_entered=_quantiles([here for here, _ in seconds]),
        seconds_to_alert_the_other=_quantiles([there for _, there in seconds]),
        messages_per_case=round(traffic.messages / len(planted), 1),
        kilobytes_per_case=round(traffic.bytes / len(planted) / 1000, 1),
        cpu_seconds_per_case=round(cpu / len(planted), 2),
    )


def _alerted(mm: Matchmaker, case_id: CaseId, other: NodeName) -> float | None:
    """When the owner of a case was told of a match with another node's; None if not in time."""
    for _ in range(int(PATIENCE / 0.1)):
        with mm.reading() as db:
            wanted = {match.id for match in matches.of_case(db, case_id) if match.finding.node == other}
            for person in notifications.persons(db) if wanted else ():
                for told in notifications.of_person(db, person):
                    if told.notice.match_id in wanted:
                        return told.created_at.timestamp()
        time.sleep(0.1)
    return None


def _quantiles(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {}
    return {name: round(float(np.quantile(seconds, q)), 2) for name, q in {"p50": 0.5, "p95": 0.95, "worst": 1}.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--nodes", type=int, default=30, choices=range(2, len(POPULATION) + 1), metavar="2..30")
    options.add_argument("--cases", type=int, default=1200)
    options.add_argument("--pairs", type=int, default=20)
    options.add_argument("--latency", type=float, default=50.0, help="milliseconds of a link, on average")
    options.add_argument("--growth", action="store_true", help="run networks of a third and two thirds too")
    given = options.parse_args(arguments)
    sizes = [(given.nodes, given.cases)]
    if given.growth:
        sizes = [(given.nodes // 3, given.cases), (2 * given.nodes // 3, given.cases), *sizes]
        sizes += [(given.nodes, given.cases // 4)]
    found = [measure(n_nodes=n, n_cases=m, n_pairs=given.pairs, latency=given.latency / 1000) for n, m in sizes]
    print(json.dumps({"networks": [asdict(one) for one in found]}, indent=2))


if __name__ == "__main__":
    main()
