"""The tasks: what is asked, and of which cases.

T1: phenotype alone. T2: with candidate genes, 20 beside the true one in a query and 5 in a case. T2b: the same, the
true gene missing from 30 % of the lists. T3: an imprecise and noisy query. T4 is T1 with one relevant case left.
Excluded terms are left out: in published cases they are templates of curation, and not evidence. Decoys and noise are
drawn from the gene links of the release.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from matchmaker.model import CaseId, GeneId, TermId
from ontology.hpo import Hpo
from ontology.releases import Release
from scoring.profile import Profile
from scoring.quality.cases import PublishedCase, salted

N_QUERY_DECOYS = 20
N_CASE_DECOYS = 5
SHARE_MISSING = 0.3
ROOT = TermId("HP:0000118")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Profiles that ask and profiles that are ranked, aligned with the positions of queries and of all cases."""

    name: str
    queries: tuple[Profile, ...]
    cases: tuple[Profile, ...]
    single: bool = False


class TaskMaker:
    """Makes the tasks from published cases; the same file and release always give the same tasks."""

    def __init__(self, cases: Sequence[PublishedCase], positions: Sequence[int], release: Release) -> None:
        self._cases = cases
        self._positions = positions
        self._release = release
        self._universe = _genes(cases, release)
        self._noise = _noise_terms(release)

    def t1(self, *, single: bool = False) -> Task:
        plain = tuple(self._profile(case, case.terms) for case in self._cases)
        queries = tuple(plain[i] for i in self._positions)
        return Task(name="T4" if single else "T1", queries=queries, cases=plain, single=single)

    def t2(self) -> Task:
        return Task(
            name="T2",
            queries=tuple(
                self._with_genes(self._cases[i], "q-decoys", N_QUERY_DECOYS, self._cases[i].gene)
                for i in self._positions
            ),
            cases=tuple(self._with_genes(case, "db-decoys", N_CASE_DECOYS, case.gene) for case in self._cases),
        )

    def t2b(self) -> Task:
        queries = tuple(self._lossy(self._cases[i], "q-lossy", N_QUERY_DECOYS) for i in self._positions)
        return Task(
            name="T2b",
            queries=queries,
            cases=tuple(self._lossy(case, "db-lossy", N_CASE_DECOYS) for case in self._cases),
        )

    def t3(self) -> Task:
        queries = []
        for i in self._positions:
            case = self._cases[i]
            rng = random.Random(salted(case.id, "noise"))
            queries.append(self._profile(case, noisy(rng, case.terms, self._noise, self._release.hpo)))
        plain = tuple(self._profile(case, case.terms) for case in self._cases)
        return Task(name="T3", queries=tuple(queries), cases=plain)

    def _lossy(self, case: PublishedCase, salt: str, n_decoys: int) -> Profile:
        kept = random.Random(salted(case.id, salt)).random() >= SHARE_MISSING
        return self._with_genes(case, f"{salt}-decoys", n_decoys, case.gene if kept else None)

    def _with_genes(self, case: PublishedCase, salt: str, n_decoys: int, true: str | None) -> Profile:
        rng = random.Random(salted(case.id, salt))
        drawn = rng.sample(self._universe, n_decoys + 1)
        genes = [gene for gene in drawn if gene != true][:n_decoys]
        return self._profile(case, case.terms, genes=genes if true is None else [*genes, true])

    def _profile(self, case: PublishedCase, terms: Sequence[TermId], *, genes: Sequence[str] = ()) -> Profile:
        indices = {self._release.hpo.index_of(term) for term in terms}
        return Profile(
            case_id=CaseId(case.id),
            release=self._release.id,
            observed=tuple(sorted(index for index in indices if index is not None)),
            genes=tuple(sorted({GeneId(gene) for gene in genes})),
        )


def noisy(rng: random.Random, terms: Sequence[TermId], noise: Sequence[TermId], hpo: Hpo) -> list[TermId]:
    """Blur a list of terms: at most five, three in ten of them a parent instead, and two to four unrelated ones.

    Notes
    -----
    After Koehler et al., AJHG 85:457 (2009), who added imprecision and noise to simulated patients.
    """
    shuffled = sorted(terms)
    rng.shuffle(shuffled)
    kept: list[TermId] = []
    for term in shuffled[:5]:
        parents = sorted(p for p in hpo.term(term).parents if hpo.index_of(p) is not None)
        if rng.random() < 0.3 and parents:
            parent = rng.choice(parents)
            kept.append(parent if parent != ROOT else term)
        else:
            kept.append(term)
    have = {_index(hpo, term) for term in kept}
    above = {int(a) for index in have for a in hpo.graph.closure(index)}
    added: list[TermId] = []
    n_added = rng.randint(2, 4)
    while len(added) < n_added:
        term = rng.choice(noise)
        closure = {int(a) for a in hpo.graph.closure(_index(hpo, term))}
        if _index(hpo, term) not in above and not closure & have and term not in added:
            added.append(term)
    blurred = kept + added
    rng.shuffle(blurred)
    return blurred


def _genes(cases: Sequence[PublishedCase], release: Release) -> list[str]:
    linked = {release.genes.symbol(gene) for gene in release.annotations.genes}
    return sorted(linked | {case.gene for case in cases if case.gene is not None})


def _noise_terms(release: Release) -> list[TermId]:
    """Terms that HPO links to a gene and that lie three steps or more below the root."""
    graph = release.hpo.graph
    seen = {int(term) for gene in release.annotations.genes for term in release.annotations.genes_phenotype(gene)}
    return sorted(release.hpo.term_ids[term] for term in seen if len(graph.closure(term)) >= 4)


def _index(hpo: Hpo, term: TermId) -> int:
    index = hpo.index_of(term)
    if index is None:
        raise ValueError(f"{term} is no phenotypic abnormality of this release")
    return index
