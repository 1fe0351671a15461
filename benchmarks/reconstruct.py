"""How much of a hidden case one peer reconstructs by adding and removing terms and watching the score.

    python -m benchmarks reconstruct --cases FILE [--targets 50] [--node-cases 500] [--declared N] [--unbounded]

Prints one JSON object. The prober knows the gene of its target, finds the case by it, and spends the distinct answers
of 90 days on the gene with candidate terms: one at a time, or in groups that it halves when the score rises, whichever
brings more. What it holds for present is compared with the case's own terms. `blind` tries the commonest terms of all
diseases first, `informed` those of the gene's diseases; `guessed` is what naming as many of these brings without asking
at all. Where peers see a gene and a coarse score, the score is all there is; where they see the terms in common, those
that answers name by design are counted apart.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import Patient, Peer, a_node, a_peer, a_question, load, published
from federation.ledger import Allowance
from matchmaker.disclosure import CONSTANT_SCORE
from matchmaker.model import Case, Disclosure, Node, NodeName, TermId
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from scoring.profile import profile_of

START = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
DAYS = 90
MOST_QUESTIONS = 300  # of a prober that no ledger stops
GROUPS = (1, 8)  # candidates that are tried together first
FEWEST_TERMS = 5  # of a target
UNBOUNDED = Settings(
    distinct_answers=MOST_QUESTIONS,
    requests_per_day=10**9,
    requests_per_minute=10**9,
    cases_revealed_per_day=10**9,
    cases_revealed_per_month=10**9,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Shares of the targets' own terms, averaged over targets."""

    targets: int
    by_score: float  # held for present because the score rose
    precision: float  # of these, how many are right
    named: float  # told as terms in common or in the case's fixed set, as the level provides
    guessed: float  # among as many of the likeliest terms, without asking at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    questions: int  # of one prober about its target
    constant_after: bool  # one question more, whatever its terms, brought the constant answer
    gene_level_blind: Recall
    gene_level_informed: Recall
    matching_terms_blind: Recall
    without_ledger_blind: Recall | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """How one prober goes about it."""

    group: int
    informed: bool
    declared: int | None = None


def measure(
    patients: Sequence[Patient], *, n_targets: int, declared: int | None = None, unbounded: bool = False
) -> Figures:
    """Probe the first targets that name a gene and enough terms."""
    with a_node() as mm:
        n_questions = Allowance.of(Node(name=NodeName("prober"), declared_cases=declared), mm.settings).distinct_answers
        targets = _targets(mm, patients, Disclosure.GENE, n_targets)
        blind, constant = _recall(mm, targets, declared=declared, informed=False)
        informed, still_constant = _recall(mm, targets, declared=declared, informed=True)
    with a_node() as mm:
        targets = _targets(mm, patients, Disclosure.MATCHING_TERMS, n_targets)
        matching, _ = _recall(mm, targets, declared=declared, informed=False)
    without = None
    if unbounded:
        with a_node(UNBOUNDED) as mm:
            without, _ = _recall(mm, _targets(mm, patients, Disclosure.GENE, n_targets), informed=False)
    return Figures(
        questions=n_questions,
        constant_after=constant and still_constant,
        gene_level_blind=blind,
        gene_level_informed=informed,
        matching_terms_blind=matching,
        without_ledger_blind=without,
    )


def _targets(mm: Matchmaker, patients: Sequence[Patient], level: Disclosure, n_targets: int) -> list[Case]:
    stored = load(mm, patients, disclosure=level)
    profiles = ((case, profile_of(case, mm.release)) for case in stored)
    return [case for case, found in profiles if found.genes and len(found.observed) >= FEWEST_TERMS][:n_targets]


def _recall(
    mm: Matchmaker, targets: Sequence[Case], *, informed: bool, declared: int | None = None
) -> tuple[Recall, bool]:
    """Return what the better way of asking brings, and whether all were stopped in the end."""
    ways = []
    for group in GROUPS:
        attack = Attack(group=group, informed=informed, declared=declared)
        found = [_probe(mm, target, attack, number) for number, target in enumerate(targets)]
        means = np.mean(np.array(found), axis=0).round(4).tolist()
        ways.append(means)
    by_score, precision, named, guessed, _ = max(ways)
    recall = Recall(targets=len(targets), by_score=by_score, precision=precision, named=named, guessed=guessed)
    return recall, all(means[-1] == 1.0 for means in ways)


def _probe(mm: Matchmaker, target: Case, attack: Attack, number: int) -> tuple[float, ...]:
    """Return recall by score, its precision, recall by name, recall of guessing, and whether it was stopped."""
    name = f"prober {number} {attack.group} {attack.informed}"
    prober = _Prober(a_peer(mm, name, at=START, declared_cases=attack.declared), target)
    likeliest = _likeliest(mm, profile_of(target, mm.release).genes[0] if attack.informed else None)
    held = _rows(mm, prober.run(likeliest, attack.group))
    hidden = _rows(mm, [feature.term for feature in target.features if not feature.excluded])
    guessed = _rows(mm, likeliest[: max(len(held), 1)]) & hidden
    return (
        len(held & hidden) / len(hidden),
        len(held & hidden) / len(held) if held else 1.0,
        len(_rows(mm, prober.named) & hidden) / len(hidden),
        len(guessed) / len(hidden),
        float(prober.is_stopped(likeliest)),
    )


def _rows(mm: Matchmaker, terms: Iterable[TermId]) -> set[int]:
    return {row for term in terms if (row := mm.release.hpo.index_of(term)) is not None}


def _likeliest(mm: Matchmaker, gene: str | None) -> list[TermId]:
    """Terms of the gene's diseases, then of all; each time those of the most diseases first."""
    term_ids = mm.release.hpo.term_ids
    counts = np.bincount(mm.release.annotations.term_disease, minlength=len(term_ids)).astype(float)
    if gene is not None:
        counts[mm.release.annotations.genes_phenotype(gene)] += 1e6
    return [term_ids[row] for row in np.argsort(-counts, kind="stable")[:2000].tolist()]


class _Prober:
    """Adds terms in groups, halves a group that raised the score, and holds what raised it alone."""

    def __init__(self, peer: Peer, target: Case) -> None:
        self._peer = peer
        self._name = next(iter(peer.names([target])))
        self._gene = profile_of(target, peer.mm.release).genes[0]
        self._left = Allowance.of(peer.node, peer.mm.settings).distinct_answers
        self._n_asked = 0
        self.named: set[TermId] = set()

    def is_stopped(self, candidates: Sequence[TermId]) -> bool:
        """Say whether, the budget used up, other terms bring no other answer any more."""
        rest = iter(candidates[-2::-1])  # the last one was asked already
        while self._left > 0:
            self._score([next(rest)])
        return {self._score([next(rest)]), self._score([next(rest), next(rest)])} == {CONSTANT_SCORE}

    def run(self, candidates: Sequence[TermId], size: int) -> list[TermId]:
        """Return the terms that the score says are there: asked with them it is higher than with one that is not.

        A gene alone scores as high as can be, so it is the fall that a wrong term costs which tells.
        """
        held: list[TermId] = []
        groups = [list(candidates[start : start + size]) for start in range(0, len(candidates), size)]
        lowest = self._score([candidates[-1]])
        while groups and self._left > 0 and lowest is not None:
            group = groups.pop(0)
            score = self._score(group)
            if score is None or score <= lowest:
                continue
            if len(group) == 1:
                held += group
            else:
                middle = len(group) // 2
                groups[:0] = [group[:middle], group[middle:]]
        return held

    def _score(self, terms: Sequence[TermId]) -> float | None:
        at = START + self._n_asked * dt.timedelta(days=DAYS) / (2 * MOST_QUESTIONS)
        self._n_asked += 1
        self._left -= 1
        question = a_question(self._n_asked, terms=terms[-100:], genes=[self._gene])
        for result in self._peer.ask(question, at=at).results:
            if result["patient"]["id"] == self._name:
                told: list[dict[str, Any]] = result["patient"].get("features", [])
                self.named |= {TermId(feature["id"]) for feature in told}
                return float(result["score"]["patient"])
        return None


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=Path, required=True, help="JSON Lines, each with a `patient`")
    options.add_argument("--targets", type=int, default=50)
    options.add_argument("--node-cases", type=int, default=500)
    options.add_argument("--declared", type=int, help="cases that the prober declares")
    options.add_argument("--unbounded", action="store_true", help="probe without a ledger too, for comparison")
    given = options.parse_args(arguments)
    patients = published(given.cases)[: given.node_cases]
    random.Random(3).shuffle(patients)
    found = measure(patients, n_targets=given.targets, declared=given.declared, unbounded=given.unbounded)
    print(json.dumps(asdict(found), indent=2))


if __name__ == "__main__":
    main()
