"""Cases as a large store would hold them: clustered by disease, imprecise, noisy, with genes and excluded terms.

Drawn from HPO's disease annotations: only for measuring speed. That such cases are found says nothing of ranking.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from matchmaker.model import CaseId, GeneId, Sharing
from ontology.releases import Release
from scoring.profile import Profile

N_TERMS = 10  # in the mean
IMPRECISE, NOISE = 0.2, 0.15  # shares of terms: one step up, and from another disease
EXCLUDING = 0.3  # of the cases
N_GENES = 5
KNOWN_GENE = 0.7  # of the cases list a gene of their disease


class Drawing:
    """Draws cases; the same seed gives the same cases."""

    def __init__(self, release: Release, *, seed: int) -> None:
        self._release = release
        self._numbers = np.random.default_rng(seed)

    def cases(self, n: int, *, prefix: str = "") -> Iterator[Profile]:
        """Draw n cases with ids of their own."""
        annotations = self._release.annotations
        weights = 1.0 / (10.0 + np.arange(len(annotations)))  # few diseases have many cases, most have few
        order = self._numbers.permutation(len(annotations))
        diseases = order[self._numbers.choice(len(order), n, p=weights / weights.sum())]
        lengths = np.maximum(1, self._numbers.lognormal(np.log(N_TERMS * 0.85), 0.55, n).astype(int))
        sharing = self._numbers.choice(list(Sharing), n, p=[0.2, 0.1, 0.1, 0.6])
        for number in range(n):
            observed, excluded = self._terms(int(diseases[number]), int(lengths[number]))
            yield Profile(
                case_id=CaseId(f"{prefix}{number:031x}"),
                release=self._release.id,
                observed=observed,
                excluded=excluded,
                genes=self._genes(int(diseases[number])),
                sharing=Sharing(sharing[number]),
                owner=f"o{number % 200}",
            )

    def _terms(self, disease: int, length: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        annotations, graph = self._release.annotations, self._release.hpo.graph
        own = annotations.term_disease[annotations.term_offsets[disease] : annotations.term_offsets[disease + 1]]
        everything = annotations.term_disease
        drawn = self._numbers.random((length, 3))
        observed = set()
        for pick, kind, other in drawn.tolist():
            term = int(own[int(pick * len(own))]) if len(own) else 0
            if kind < NOISE or not len(own):
                term = int(everything[int(other * len(everything))])
            elif kind < NOISE + IMPRECISE:
                parents = graph.parents_of(term)
                term = int(parents[int(other * len(parents))]) if len(parents) else term
            observed.add(term)
        excluded: set[int] = set()
        if self._numbers.random() < EXCLUDING:
            above = {int(a) for term in observed for a in graph.closure(term)}
            picks = self._numbers.integers(0, len(everything), 4)
            excluded = {int(everything[pick]) for pick in picks} - above
        return tuple(sorted(observed)), tuple(sorted(excluded))

    def _genes(self, disease: int) -> tuple[GeneId, ...]:
        annotations = self._release.annotations
        picks = self._numbers.integers(0, len(self._universe), N_GENES)
        genes = {self._universe[pick] for pick in picks.tolist()}
        known = annotations.genes_of_disease(annotations.ids[disease])
        if known and self._numbers.random() < KNOWN_GENE:
            genes.add(known[0])
        return tuple(sorted(genes))

    @cached_property
    def _universe(self) -> list[GeneId]:
        return list(self._release.genes.ids)
