"""How much of a node one peer learns that asks for everything, and what the limits cost the others.

    python -m benchmarks harvest --cases FILE [--patients FILE] [--days 30]

Prints one JSON object. A harvester spreads gene probes, one request with all genes it may send and phenotype probes
over the days; a peer with 20 cases asks with each weekly; a hub asks once with each of many cases; each of the
benchmark patients looks for its own copy. Time is simulated, everything else is the server's code.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import TOO_MANY, Patient, Peer, a_node, a_peer, a_question, asking, load, published
from matchmaker.model import Case, CaseId
from matchmaker.service import Matchmaker
from matchmaker.store import ledger
from ontology.releases import Release
from scoring.profile import profile_of

START = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MOST_GENES = 300  # of one request
UNBOUNDED = 1_000_000  # declared cases of a peer that shows what the limits change


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many of each take part."""

    cases: int = 2000
    gene_probes: int = 20_000
    phenotype_probes: int = 1000
    weekly_cases: int = 20
    hub_cases: int = 1000
    days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What the harvester learned in all, of how many requests; `by_all_genes` is the one request's share."""

    requests: int
    refused: int
    cases_learned: int
    share_learned: float
    by_all_genes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """A peer with a few cases; the same first result as without limits, and as in its first week."""

    requests: int
    refused: int
    same_first_result: float
    cases_learned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """One token for many clinicians: which pairs of cases that share a gene it found."""

    requests: int
    refused: int
    sharing_pairs: int  # at most as many of one request as one answer holds
    found: float
    sharing_cases: int
    cases_found: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    cases: int
    days: int
    harvest: Harvest
    weekly: Weekly
    hub: Hub
    copies_at_rank_1: float | None


def measure(patients: Sequence[Patient], plan: Plan, *, copies: Sequence[Patient] = ()) -> Figures:
    """Run all of them against one node; the patients beyond `plan.cases` are the peers' own."""
    with a_node() as mm:
        stored = load(mm, patients[: plan.cases])
        others = patients[plan.cases :]
        weekly = _weekly(mm, others[: plan.weekly_cases], stored, days=plan.days)
        hub = _hub(mm, others[plan.weekly_cases :][: plan.hub_cases], stored)
        harvest = _harvest(mm, stored, plan)
        return Figures(
            cases=len(stored),
            days=plan.days,
            harvest=harvest,
            weekly=weekly,
            hub=hub,
            copies_at_rank_1=_copies(mm, copies),
        )


def _harvest(mm: Matchmaker, stored: Sequence[Case], plan: Plan) -> Harvest:
    peer = a_peer(mm, "harvester", at=START)
    ours = peer.names(stored)
    probes = _probes(mm.release, stored, plan)
    step = plan.days * DAY / len(probes)
    learned: set[CaseId] = set()
    refused = by_all_genes = 0
    for number, probe in enumerate(probes):
        reply = peer.ask(probe, at=START + number * step)
        refused += reply.status == TOO_MANY
        learned |= {ours[id_] for id_ in reply.ids}
        if len(probe.get("genomicFeatures", ())) == MOST_GENES:
            by_all_genes = len(reply.ids)
    return Harvest(
        requests=len(probes),
        refused=refused,
        cases_learned=len(learned),
        share_learned=len(learned) / len(stored),
        by_all_genes=by_all_genes,
    )


def _probes(release: Release, stored: Sequence[Case], plan: Plan) -> list[Patient]:
    """One gene each, the stored cases' genes among them; all genes at once; the findings of one disease each."""
    generator = random.Random(2)
    theirs = sorted({gene for case in stored for gene in profile_of(case, release).genes})
    ids = release.genes.ids
    coding = [ids[row] for row in np.flatnonzero(release.genes.coding).tolist()]
    # Those that make proteins are fewer than 20,000: then come the others.
    all_others = [generator.sample(some, k=len(some)) for some in (coding, list(ids))]
    genes = list(dict.fromkeys([*theirs, *all_others[0], *all_others[1]]))[: plan.gene_probes]
    diseases = generator.sample(list(release.annotations.ids), k=plan.phenotype_probes)
    described = [[a.term for a in release.annotations.disease(id_).annotations if not a.excluded] for id_ in diseases]
    probes = [a_question(n, genes=[gene]) for n, gene in enumerate(genes)]
    probes += [a_question(n, terms=terms[:20]) for n, terms in enumerate(described, len(probes)) if terms]
    generator.shuffle(probes)
    return [a_question(len(probes), genes=theirs[:MOST_GENES]), *probes]


def _weekly(mm: Matchmaker, patients: Sequence[Patient], stored: Sequence[Case], *, days: int) -> Weekly:
    peer = a_peer(mm, "twenty", at=START)
    free = a_peer(mm, "unbounded", at=START, declared_cases=UNBOUNDED)
    names, free_names = peer.names(stored), free.names(stored)
    expected = [_first(free, patient, free_names, at=START)[0] for patient in patients]
    n_same = refused = n_requests = 0
    for week in range(0, days, 7):
        for number, patient in enumerate(patients):
            at = START + week * DAY + number * dt.timedelta(minutes=2)
            found, status = _first(peer, patient, names, at=at)
            n_requests += 1
            refused += status == TOO_MANY
            n_same += status != TOO_MANY and found == expected[number]
    with mm.reading() as db:
        learned = ledger.n_revealed(db, peer.node.name, since=START - DAY)
    return Weekly(requests=n_requests, refused=refused, same_first_result=n_same / n_requests, cases_learned=learned)


def _first(peer: Peer, patient: Patient, names: dict[str, CaseId], *, at: dt.datetime) -> tuple[CaseId | None, int]:
    reply = peer.ask(asking(patient), at=at)
    return (names[reply.ids[0]] if reply.ids else None), reply.status


def _hub(mm: Matchmaker, patients: Sequence[Patient], stored: Sequence[Case]) -> Hub:
    """Each case once, as fast as its budget of a minute lets it ask."""
    peer = a_peer(mm, "hub", at=START, declared_cases=len(patients))
    names = peer.names(stored)
    by_gene: dict[str, set[CaseId]] = {}
    for case in stored:
        for gene in profile_of(case, mm.release).genes:
            by_gene.setdefault(gene, set()).add(case.id)
    n_pairs = n_found = refused = 0
    wanted: set[CaseId] = set()
    seen: set[CaseId] = set()
    for number, patient in enumerate(patients):
        reply = peer.ask(asking(patient), at=START + number * dt.timedelta(seconds=2))
        refused += reply.status == TOO_MANY
        genes = {id_ for f in patient.get("genomicFeatures") or () if (id_ := _gene(mm, f))}
        sharing = set().union(*(by_gene.get(gene, set()) for gene in genes))
        told = {names[id_] for id_ in reply.ids} & sharing
        n_pairs += min(len(sharing), mm.settings.max_gene_results)
        n_found += len(told)
        wanted |= sharing
        seen |= told
    return Hub(
        requests=len(patients),
        refused=refused,
        sharing_pairs=n_pairs,
        found=n_found / max(1, n_pairs),
        sharing_cases=len(wanted),
        cases_found=len(seen) / max(1, len(wanted)),
    )


def _gene(mm: Matchmaker, feature: dict[str, Any]) -> str | None:
    given = (feature.get("gene") or {}).get("id")
    return None if given is None else mm.release.genes.resolve(given).gene


def _copies(mm: Matchmaker, patients: Sequence[Patient]) -> float | None:
    """The share of patients whose first result is their own copy, for a peer that declares nothing.

    Two of Matchmaker Exchange's fifty are siblings who state the very same: either copy is right.
    """
    if not patients:
        return None
    copies = load(mm, patients)
    peer = a_peer(mm, "benchmark", at=START)
    names = peer.names(copies)
    stated = {case.id: _stated(patient) for case, patient in zip(copies, patients, strict=True)}
    n_first = 0
    for number, patient in enumerate(patients):
        reply = peer.ask(patient, at=START + number * dt.timedelta(seconds=2))
        first = names.get(reply.ids[0]) if reply.ids else None
        n_first += first is not None and stated[first] == _stated(patient)
    return n_first / len(patients)


def _stated(patient: Patient) -> str:
    return json.dumps([patient.get("features"), patient.get("genomicFeatures")], sort_keys=True)


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=Path, required=True, help="JSON Lines, each with a `patient`")
    options.add_argument("--patients", type=Path, help="JSON list of patients that look for their own copies")
    options.add_argument("--days", type=int, default=30)
    options.add_argument("--probes", type=int, default=20_000, help="genes that the harvester asks for")
    given = options.parse_args(arguments)
    copies: list[Patient] = json.loads(given.patients.read_text("utf-8")) if given.patients else []
    plan = Plan(days=given.days, gene_probes=given.probes)
    print(json.dumps(asdict(measure(published(given.cases), plan, copies=copies)), indent=2))


if __name__ == "__main__":
    main()
