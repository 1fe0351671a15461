"""How much of a hidden case one peer reconstructs by adding and removing terms and watching what changes.

    python -m benchmarks reconstruct --cases FILE [--targets 50] [--questions 300] [--declared N]

Prints one JSON object. The prober knows the gene of its target, finds the case by it, and asks on with the gene and
candidate terms: one at a time, or in groups that it halves when the sign rises. The sign is the score, or the place of
the case among the results; the way that brings most counts. `blind` tries the commonest terms of all diseases first,
`informed` those of the gene's diseases; `guessed` is what naming as many of these brings without asking at all. Where
peers see the terms in common, those that answers name by design are counted apart, and `beyond_names` is what the score
betrays of the others.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import Patient, Peer, a_node, a_peer, a_question, load, published
from matchmaker.model import Case, Disclosure, TermId
from matchmaker.service import Matchmaker
from scoring.profile import profile_of

START = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
DAYS = 90
MOST_QUESTIONS = 300  # about one case
GROUPS = (1, 8)  # candidates that are tried together first
FEWEST_TERMS = 5  # of a target


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a prober saw of its target in one answer."""

    score: float
    place: int  # 0 is the first of the results


SIGNS: dict[str, Callable[[Seen], float]] = {"score": lambda seen: seen.score, "place": lambda seen: -seen.place}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Shares of the targets' own terms, averaged over targets."""

    targets: int
    by_sign: float  # held for present because the score or the place rose
    beyond_names: float  # the same without the terms that answers named
    guessed_beyond: float  # the same among as many of the likeliest terms, without asking at all
    named: float  # told as terms in common or in the case's fixed set, as the level provides
    held: float  # how many terms were held for present, right or wrong
    guessed: float  # among as many of the likeliest terms, without asking at all
    most_answers: int  # distinct ones about one target


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    questions: int  # of one prober about its target, at most
    gene_level_blind: Recall
    gene_level_informed: Recall
    matching_terms_blind: Recall
    matching_terms_informed: Recall


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """How one prober goes about it."""

    group: int
    sign: str
    informed: bool
    n_questions: int
    declared: int | None = None


def measure(
    patients: Sequence[Patient], *, n_targets: int, n_questions: int = MOST_QUESTIONS, declared: int | None = None
) -> Figures:
    """Probe the first targets that name a gene and enough terms."""
    recalls = []
    for level in (Disclosure.GENE, Disclosure.MATCHING_TERMS):
        with a_node() as mm:
            targets = _targets(mm, patients, level, n_targets)
            for informed, (group, sign) in product((False, True), product(GROUPS, SIGNS)):
                attack = Attack(group=group, sign=sign, informed=informed, n_questions=n_questions, declared=declared)
                recalls.append(_recall(mm, targets, attack))
    n_ways = len(GROUPS) * len(SIGNS)
    best = [max(recalls[start : start + n_ways], key=_success) for start in range(0, len(recalls), n_ways)]
    return Figures(
        questions=n_questions,
        gene_level_blind=best[0],
        gene_level_informed=best[1],
        matching_terms_blind=best[2],
        matching_terms_informed=best[3],
    )


def _targets(mm: Matchmaker, patients: Sequence[Patient], level: Disclosure, n_targets: int) -> list[Case]:
    stored = load(mm, patients, disclosure=level)
    profiles = ((case, profile_of(case, mm.release)) for case in stored)
    return [case for case, found in profiles if found.genes and len(found.observed) >= FEWEST_TERMS][:n_targets]


def _recall(mm: Matchmaker, targets: Sequence[Case], attack: Attack) -> Recall:
    """Average over targets what one way of asking brings."""
    found = np.array([_probe(mm, target, attack, number) for number, target in enumerate(targets)])
    by_sign, beyond_names, guessed_beyond, named, held, guessed = found[:, :-1].mean(axis=0).round(4).tolist()
    return Recall(
        targets=len(targets),
        by_sign=by_sign,
        beyond_names=beyond_names,
        guessed_beyond=guessed_beyond,
        named=named,
        held=held,
        guessed=guessed,
        most_answers=int(found[:, -1].max()),
    )


def _success(recall: Recall) -> tuple[float, float]:
    return recall.beyond_names, recall.by_sign


def _probe(mm: Matchmaker, target: Case, attack: Attack, number: int) -> tuple[float, ...]:
    """Return, as shares of the hidden terms and in the order of `Recall`, what one prober found out."""
    name = f"prober {number} {attack.group} {attack.sign} {attack.informed}"
    prober = _Prober(a_peer(mm, name, at=START, declared_cases=attack.declared), target, attack)
    likeliest = _likeliest(mm, profile_of(target, mm.release).genes[0] if attack.informed else None)
    held = _rows(mm, prober.run(likeliest, attack.group))
    hidden = _rows(mm, [feature.term for feature in target.features if not feature.excluded])
    named = _rows(mm, prober.named)
    guessed = _rows(mm, likeliest[: len(held)])
    found = (held & hidden, (held - named) & hidden, (guessed - named) & hidden, named & hidden)
    shares = (len(terms) / len(hidden) for terms in found)
    return (*shares, len(held), len(guessed & hidden) / len(hidden), len(prober.answers))


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
    """Adds terms in groups, halves a group at which the sign rose, and holds what raised it alone."""

    def __init__(self, peer: Peer, target: Case, attack: Attack) -> None:
        self._peer = peer
        self._name = next(iter(peer.names([target])))
        self._gene = profile_of(target, peer.mm.release).genes[0]
        self._sign = SIGNS[attack.sign]
        self._most = attack.n_questions
        self._n_asked = 0
        self.named: set[TermId] = set()
        self.answers: set[str] = set()

    def run(self, candidates: Sequence[TermId], size: int) -> list[TermId]:
        """Return the terms that the sign says are there: asked with them it is higher than with one that is not.

        A gene alone scores as high as can be, so it is the fall that a wrong term costs which tells.
        """
        held: list[TermId] = []
        groups = [list(candidates[start : start + size]) for start in range(0, len(candidates), size)]
        lowest = self._seen([candidates[-1]])
        while groups and self._n_asked < self._most and lowest is not None:
            group = groups.pop(0)
            seen = self._seen(group)
            if seen is None or self._sign(seen) <= self._sign(lowest):
                continue
            if len(group) == 1:
                held += group
            else:
                middle = len(group) // 2
                groups[:0] = [group[:middle], group[middle:]]
        return held

    def _seen(self, terms: Sequence[TermId]) -> Seen | None:
        at = START + self._n_asked * dt.timedelta(days=DAYS) / (2 * self._most)
        self._n_asked += 1
        question = a_question(self._n_asked, terms=terms[-100:], genes=[self._gene])
        for place, result in enumerate(self._peer.ask(question, at=at).results):
            if result["patient"]["id"] == self._name:
                told: list[dict[str, Any]] = result["patient"].get("features", [])
                self.named |= {TermId(feature["id"]) for feature in told}
                self.answers.add(json.dumps(result, sort_keys=True))
                return Seen(score=float(result["score"]["patient"]), place=place)
        return None


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=Path, required=True, help="JSON Lines, each with a `patient`")
    options.add_argument("--targets", type=int, default=50)
    options.add_argument("--node-cases", type=int, default=500)
    options.add_argument("--questions", type=int, default=MOST_QUESTIONS, help="of one prober about its target")
    options.add_argument("--declared", type=int, help="cases that the prober declares")
    given = options.parse_args(arguments)
    patients = published(given.cases)[: given.node_cases]
    random.Random(3).shuffle(patients)
    found = measure(patients, n_targets=given.targets, n_questions=given.questions, declared=given.declared)
    print(json.dumps(asdict(found), indent=2))


if __name__ == "__main__":
    main()
