"""Which known diseases look like a case, and how well its candidate genes explain it. Separate from matching.

A suggestion and no evidence: disease annotations cite published patients, so a published case finds its own disease
better than a new one would. For the same reason nothing here enters a score.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import DiseaseId, GeneId
from ontology.annotations import Aspect
from ontology.releases import Release
from scoring.background import UNSTATED
from scoring.corpus import Corpus
from scoring.profile import Profile

FloatArray = NDArray[np.float64]
TELLING_IC = 1.0  # nats; a more general common ancestor says nothing of a disease
UNEXPLAINED = 0.1  # a finding that a disease does not explain is so much rarer in it than among all diseases
NEVER = 0.02  # share of patients without a finding that the disease always has: descriptions are incomplete


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelyDisease:
    """A disease with ln of its likelihood ratio: the case's findings in it, against all diseases."""

    id: DiseaseId
    name: str
    log_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateGene:
    """A candidate gene with the disease of it that explains the phenotype best; None where none is known."""

    gene: GeneId
    best: LikelyDisease | None


class Suggestions:
    """Diseases of one release, ready to be compared with cases."""

    def __init__(self, release: Release, corpus: Corpus) -> None:
        self._release = release
        self._corpus = corpus

    def diseases(self, case: Profile, *, most: int = 10) -> tuple[LikelyDisease, ...]:
        """The likeliest diseases, the first first; () for a case without findings."""
        if not case.observed and not case.excluded:
            return ()
        ratios = self.log_ratios(case)
        order = np.argsort(-ratios, kind="stable")[:most]
        return tuple(self._likely(int(row), ratios) for row in order)

    def genes(self, case: Profile, *, without: str | None = None) -> tuple[CandidateGene, ...]:
        """The case's candidate genes, the one that explains its findings best first, unexplained ones last."""
        ratios = self.log_ratios(case, without=without)
        found = []
        for gene in case.genes:
            rows = [self._row_of[disease] for disease in self._release.annotations.diseases_of_gene(gene)]
            best = max(rows, key=lambda row: ratios[row], default=None)
            found.append(CandidateGene(gene=gene, best=None if best is None else self._likely(best, ratios)))
        return tuple(
            sorted(found, key=lambda c: (-c.best.log_ratio if c.best else np.inf, c.gene)),
        )

    def log_ratios(self, case: Profile, *, without: str | None = None) -> FloatArray:
        """ln of each disease's likelihood ratio, of shape (n_diseases,).

        Parameters
        ----------
        without : str or None
            A publication (PMID:...) whose annotations are left out: to measure on a case that comes from it.

        Notes
        -----
        After LIRICAL (Robinson et al., AJHG 107:403, 2020): findings are taken as independent. A finding below an
        annotated term has that term's frequency, times the share of it among all diseases that have the term.
        """
        ic = self._corpus.ic
        total = np.zeros(len(self._release.annotations))
        for term in case.observed:
            chance = np.exp(-ic[term])
            expected = np.full(len(total), UNEXPLAINED * chance)
            for above in self._corpus.graph.closure(term).tolist():
                if ic[above] >= TELLING_IC or above == term:
                    rows, shares = self._having(above)
                    expected[rows] = np.maximum(expected[rows], shares * np.exp(ic[above] - ic[term]))
            total += np.log(expected / chance)
        for term in case.excluded:
            rows, shares = self._having(term)
            total[rows] += np.log(np.maximum(NEVER, 1.0 - shares) / max(NEVER, 1.0 - float(np.exp(-ic[term]))))
        for disease in self._release.annotations.diseases_citing(without) if without is not None else ():
            total[self._row_of[disease]] = self._log_ratio(case, self._shares_without(disease, without or ""))
        return total

    def _log_ratio(self, case: Profile, shares: dict[int, float]) -> float:
        """The same of one disease, of which it is known with which frequency it has terms (dense ids)."""
        ic, total = self._corpus.ic, 0.0
        for term in case.observed:
            chance = float(np.exp(-ic[term]))
            having = (
                shares[above] * float(np.exp(ic[above] - ic[term]))
                for above in self._corpus.graph.closure(term).tolist()
                if above in shares and (ic[above] >= TELLING_IC or above == term)
            )
            total += math.log(max(UNEXPLAINED * chance, max(having, default=0.0)) / chance)
        for term in case.excluded:
            if term in shares:
                total += math.log(max(NEVER, 1.0 - shares[term]) / max(NEVER, 1.0 - float(np.exp(-ic[term]))))
        return total

    def _shares_without(self, disease: str, paper: str) -> dict[int, float]:
        """How frequent each term, and each above one, is in a disease, by the annotations that do not cite a paper."""
        stated: dict[int, list[float]] = {}
        for line in self._release.annotations.disease(disease).annotations:
            index = self._release.hpo.index_of(line.term)
            if (
                index is not None
                and not line.excluded
                and line.aspect is Aspect.PHENOTYPE
                and paper not in line.references
            ):
                stated.setdefault(index, []).extend([] if line.frequency is None else [line.frequency])
        shares: dict[int, float] = {}
        for term, found in stated.items():
            share = sum(found) / len(found) if found else UNSTATED
            for above in self._corpus.graph.closure(term).tolist():
                shares[above] = max(share, shares.get(above, 0.0))
        return shares

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {id_: row for row, id_ in enumerate(self._release.annotations.ids)}

    def _likely(self, row: int, ratios: FloatArray) -> LikelyDisease:
        id_ = self._release.annotations.ids[row]
        name = self._release.annotations.name(id_) or id_
        return LikelyDisease(id=DiseaseId(id_), name=name, log_ratio=float(ratios[row]))

    def _having(self, term: int) -> tuple[NDArray[np.int64], FloatArray]:
        """The diseases with a term or one below it, and the largest of their frequencies."""
        terms, rows, shares = self._table
        start, end = np.searchsorted(terms, [term, term + 1])
        return rows[start:end], shares[start:end]

    @cached_property
    def _table(self) -> tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]:
        """Every (term, disease) of the diseases' closures, ascending, with its frequency."""
        annotations, graph = self._release.annotations, self._corpus.graph
        shares = np.where(np.isnan(annotations.frequencies), UNSTATED, annotations.frequencies)
        disease = np.repeat(np.arange(len(annotations)), np.diff(annotations.term_offsets))
        closures = [graph.closure(term) for term in annotations.term_disease.tolist()]
        sizes = [len(closure) for closure in closures]
        key = np.concatenate(closures).astype(np.int64) * len(annotations) + np.repeat(disease, sizes)
        order = np.argsort(key, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(key[order]) > 0])
        largest = np.maximum.reduceat(np.repeat(shares, sizes)[order].astype(np.float64), starts)
        terms, rows = np.divmod(key[order][starts], len(annotations))
        return terms, rows, largest
