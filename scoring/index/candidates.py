"""Which rows could be among the k best: by bounds in compiled code, all of them without it."""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.combination import TermFacts
from scoring.corpus import Corpus
from scoring.index.cases import Lists
from scoring.index.rows import Measure, Picked, Rows, Where
from scoring.index.vocabulary import Vocabulary
from scoring.profile import Profile
from scoring.scorer import Prepared, Scorer

log = logging.getLogger(__name__)
Scan = Callable[[Picked, Corpus, Profile, NDArray[np.bool_]], TermFacts]
MARGIN = 1e-4  # relative; float32 sums are off by some 1e-6
FEW = 4  # with fewer rows than this for each that is wanted, bounds leave hardly any out
_MORE_THAN_ANY = np.float32(1e30)
_scratch = threading.local()


class Candidates(Protocol):
    """One query's way to choose rows."""

    def choose(self, rows: Rows, where: Where, hidden: NDArray[np.int64], *, k: int, floor: float) -> NDArray[np.int64]:
        """Rows, not `hidden`, of which the k best are the k best of all; without genes, and only from `floor` on."""

    def most(self, rows: Rows, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        """A number that the phenotype's raw score of each row does not exceed by more than rounding."""

    def closures(self, terms: Lists) -> Lists:
        """The closures of lists of terms, or as much of them as the query asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What a search runs on: compiled, or numpy alone."""

    scan: Callable[..., TermFacts]
    measure: Measure
    candidates: Callable[[Prepared, Scorer, Vocabulary], Candidates]


class Everything:
    """Chooses all that may be seen: the oracle of the other."""

    def __init__(self, prepared: Prepared, scorer: Scorer, vocabulary: Vocabulary) -> None:
        self._corpus = scorer.corpus

    def choose(self, rows: Rows, where: Where, hidden: NDArray[np.int64], *, k: int, floor: float) -> NDArray[np.int64]:
        everyone = np.ones(len(rows), np.bool_)
        everyone[hidden] = False
        chosen = np.flatnonzero(everyone)
        return chosen[rows.visible(where, chosen)]

    def most(self, rows: Rows, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.full(len(chosen), np.inf)

    def closures(self, terms: Lists) -> Lists:
        from scoring.index.plain import measure

        return measure(self._corpus, terms)[0]


class Bounded:
    """Chooses by bounds, in float32 with a margin."""

    def __init__(self, prepared: Prepared, scorer: Scorer, vocabulary: Vocabulary) -> None:
        from scoring.index import pruning
        from scoring.index.tables import QueryTables

        self._kernels: Any = pruning
        tables = QueryTables.of(prepared.profile, prepared.size, scorer.corpus, scorer.parameters, vocabulary)
        self._four, self._numbers = tables.four, tables.numbers
        self._words, self._row_of, self._asked = tables.words, tables.row_of, tables.asked
        self.n_scored = 0  # by the last choice
        seen = np.zeros(tables.words.shape[1], np.uint64)
        self._query = (
            (tables.row_of, tables.similar, tables.four, tables.exact, tables.words),
            (tables.numbers, tables.lookup, tables.in_closure, *tables.stages, seen),
        )

    def choose(self, rows: Rows, where: Where, hidden: NDArray[np.int64], *, k: int, floor: float) -> NDArray[np.int64]:
        upper, found, scores = _room(len(rows))
        if self._is_worth_bounding(len(rows), k):
            self._kernels.bound(_lists(rows), self._four, self._row_of, self._numbers, upper)
        else:
            np.multiply(rows.offsets("terms")[1:] > rows.offsets("terms")[:-1], _MORE_THAN_ANY, out=upper)
        upper[hidden] = 0.0
        flags = (rows.sharing, rows.test, rows.species, rows.owners, rows.families, rows.died)
        asked = (upper, upper.max(initial=np.float32(0.0)), where.numbers, k, np.float32(floor))
        cases = (_lists(rows), _exclusions(rows))
        n_found, self.n_scored = self._kernels.select(cases, flags, self._query, asked, (found, scores))
        return np.sort(found[:n_found])

    def _is_worth_bounding(self, n_rows: int, k: int) -> bool:
        """Whether a bound of each row costs less than it saves: it is a tenth of the work of a score at most."""
        return n_rows > FEW * k

    def most(self, rows: Rows, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        scores = np.empty(len(chosen), np.float32)
        self._kernels.score_rows(_lists(rows), _exclusions(rows), *self._query, (chosen, scores))
        return scores.astype(np.float64) * (1.0 + MARGIN)

    def closures(self, terms: Lists) -> Lists:
        words = (self._words, self._row_of)
        offsets, values = self._kernels.closures_asked_for(*words, self._asked, terms.offsets, terms.values)
        return Lists(offsets=offsets, values=values)


class Scanned(Bounded):
    """Scores every row by the same vector code, and leaves none out by a bound: what a bound has to be faster than."""

    def _is_worth_bounding(self, n_rows: int, k: int) -> bool:
        return False


@cache
def fastest() -> Engine:
    """The compiled search; the plain one where numba is missing or broken."""
    try:
        kernels = importlib.import_module("scoring.index.kernels")
        importlib.import_module("scoring.index.pruning")
    except ImportError as error:
        log.warning("searching without numba, many times slower: %s", error)
        return plain()
    return Engine(scan=kernels.scan, measure=kernels.measure, candidates=Bounded)


def plain() -> Engine:
    """numpy alone."""
    module = importlib.import_module("scoring.index.plain")
    return Engine(scan=module.scan, measure=module.measure, candidates=Everything)


def _lists(rows: Rows) -> tuple[NDArray[Any], ...]:
    return rows.offsets("terms"), rows.values("terms"), rows.rough_weights, rows.spreads, rows.inverses


def _exclusions(rows: Rows) -> tuple[NDArray[Any], ...]:
    return rows.offsets("excluded"), rows.values("excluded"), rows.ages, rows.onsets


def _room(n: int) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    """The thread's own arrays for bounds, rows and scores of n cases."""
    if getattr(_scratch, "n", -1) < n:
        _scratch.n = n + n // 4
        _scratch.arrays = (
            np.empty(_scratch.n, np.float32),
            np.empty(_scratch.n, np.int64),
            np.empty(_scratch.n, np.float32),
        )
    upper, found, scores = _scratch.arrays
    return upper[:n], found[:n], scores[:n]
