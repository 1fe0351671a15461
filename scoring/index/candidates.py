"""Which rows could be among the k best: by bounds in compiled code, all of them without it."""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.combination import TermFacts
from scoring.corpus import Corpus
from scoring.index.cases import Filter, Lists
from scoring.index.rows import SPAN, Explain, Measure, Picked, Rows, Where
from scoring.index.table import Table
from scoring.index.vocabulary import Vocabulary
from scoring.profile import Profile
from scoring.scorer import Prepared, Scorer

log = logging.getLogger(__name__)
Scan = Callable[[Picked, Corpus, Profile, NDArray[np.bool_]], TermFacts]
MARGIN = 1e-4  # relative; float32 sums are off by some 1e-6
FEW = 4  # with fewer rows than this for each that is wanted, bounds leave hardly any out
NARROW = 1 / 32  # share of the rows that a filter lets through
EVERYBODY = Where.of(Filter(), secret=b"", now=0).numbers[:-1]
_PLACES, _SAMPLED = 64, 4096  # where a filter is tried out, and in how large parts
_ALL = (np.float32(0.0), np.float32(np.inf))
_scratch = threading.local()


class Candidates(Protocol):
    """One query's way to choose rows."""

    def choose(
        self, rows: Table, where: Where, hidden: NDArray[np.int64], *, k: int, floor: float
    ) -> NDArray[np.int64]:
        """Rows, not `hidden`, of which the k best are the k best of all; without genes, and only from `floor` on."""

    def most(self, rows: Table, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        """A number that the phenotype's raw score of each row does not exceed by more than rounding."""

    def closures(self, terms: Lists) -> Lists:
        """The closures of lists of terms, or as much of them as the query asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What a search runs on: compiled, or numpy alone."""

    scan: Callable[..., TermFacts]
    measure: Measure
    explain: Explain
    candidates: Callable[[Prepared, Scorer, Vocabulary], Candidates]


@dataclass(frozen=True, slots=True, kw_only=True)
class Using:
    """What a search is made with; `secret` turns owners and families into numbers."""

    scorer: Scorer
    engine: Engine
    secret: bytes


class Everything:
    """Chooses all that may be seen: the oracle of the other."""

    def __init__(self, prepared: Prepared, scorer: Scorer, vocabulary: Vocabulary) -> None:
        self._corpus = scorer.corpus

    def choose(
        self, rows: Table, where: Where, hidden: NDArray[np.int64], *, k: int, floor: float
    ) -> NDArray[np.int64]:
        everyone = np.ones(len(rows), np.bool_)
        everyone[hidden] = False
        chosen = np.flatnonzero(everyone)
        return chosen[rows.visible(where, chosen)]

    def most(self, rows: Table, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
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

    def choose(
        self, rows: Table, where: Where, hidden: NDArray[np.int64], *, k: int, floor: float
    ) -> NDArray[np.int64]:
        room = _room(rows)
        placed = list(room.placed(rows))
        numbers = where.numbers
        in_steps = self._is_worth_bounding(len(rows), k) and not self._is_narrow(rows, numbers)
        for part, bounds, _ in placed:
            if in_steps:
                self._kernels.bound(_lists(part), self._four, self._row_of, self._numbers, bounds)
            else:
                self._kernels.let_pass(_flags(part), numbers, part.offsets("terms"), bounds)
        room.upper[hidden] = 0.0
        best = _Best(k, floor, room)
        for edge, above in best.levels(self._kernels) if in_steps else [_ALL]:
            for part, bounds, start in placed:
                cases = (_lists(part), _exclusions(part))
                asked = (bounds, numbers, edge, above, start)
                self._kernels.score_level(cases, _flags(part), self._query, asked, best.found)
        self.n_scored = best.n_scored
        return best.rows()

    def _is_worth_bounding(self, n_rows: int, k: int) -> bool:
        """Whether a bound of each row costs less than it saves: it is a tenth of the work of a score at most."""
        return n_rows > FEW * k

    def _is_narrow(self, rows: Table, where: tuple[int, ...]) -> bool:
        """Whether a filter lets so few rows through that scoring them costs less than a bound of each; by a sample."""
        if where[:-1] == EVERYBODY:
            return False
        large = [part for part in rows.parts if part.n >= _SAMPLED]
        seen = sum(self._kernels.count_visible(_flags(part), where, _PLACES) * part.n for part in large)
        return bool(seen < NARROW * 4 * _PLACES * sum(part.n for part in large))

    def most(self, rows: Table, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        def scores(part: Rows, its: NDArray[np.int64]) -> NDArray[np.float32]:
            found = np.empty(len(its), np.float32)
            self._kernels.score_rows(_lists(part), _exclusions(part), *self._query, (its, found))
            return found

        return rows.gathered(chosen, scores).astype(np.float64) * (1.0 + MARGIN)

    def closures(self, terms: Lists) -> Lists:
        words = (self._words, self._row_of)
        offsets, values = self._kernels.closures_asked_for(*words, self._asked, terms.offsets, terms.values)
        return Lists(offsets=offsets, values=values)


class _Best:
    """The k best scores so far, and which bounds are looked at next: the highest first, since they soon say how high a
    bound must be to matter."""

    def __init__(self, k: int, floor: float, room: _Room) -> None:
        self._k = k
        self._room = room
        self._least = np.array([floor], np.float32)
        self._numbers = np.zeros(3, np.int64)  # on the heap, found, scored
        self.found = (room.found, room.scores, np.empty(max(k, 0), np.float32), self._least, self._numbers)

    @property
    def n_scored(self) -> int:
        return int(self._numbers[2])

    def levels(self, kernels: Any) -> Iterator[tuple[np.float32, np.float32]]:
        """Ranges of bounds, from the highest down to the last that can matter; each is scored before the next."""
        top = self._room.peaks.max(initial=np.float32(0.0))
        if top <= 0.0 or self._k <= 0:
            return
        n_wanted = self._k + self._k // 2 + 64
        edge, above = self._level(n_wanted, top, kernels), np.float32(np.inf)
        while True:
            yield edge, above
            if edge <= self._least[0] or edge <= 0.0:
                return
            above = edge
            if self._numbers[0] == self._k:
                edge = self._least[0]
            else:
                n_wanted *= 4
                edge = max(self._least[0], self._level(n_wanted, top, kernels))
                edge = edge if edge < above else np.float32(0.0)

    def _level(self, n_wanted: int, top: np.float32, kernels: Any) -> np.float32:
        """A bound that some `n_wanted` cases reach: how many decides how long it takes, and not what is found."""
        peaks = self._room.peaks
        if len(peaks) > 2 * n_wanted:
            return np.float32(np.partition(peaks, -n_wanted)[-n_wanted])
        counts = kernels.count_levels(self._room.upper, top, max(1, n_wanted // 16))
        return np.float32(kernels.level_of(counts, top, n_wanted))

    def rows(self) -> NDArray[np.int64]:
        """The rows that were found, ascending."""
        rows, scores = (its[: self._numbers[1]] for its in self.found[:2])
        return np.sort(rows[scores >= self._least[0]])


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
    return Engine(scan=kernels.scan, measure=kernels.measure, explain=kernels.explain, candidates=Bounded)


def plain() -> Engine:
    """numpy alone."""
    module = importlib.import_module("scoring.index.plain")
    return Engine(scan=module.scan, measure=module.measure, explain=module.explain, candidates=Everything)


def _lists(rows: Rows) -> tuple[NDArray[Any], ...]:
    return rows.offsets("terms"), rows.values("terms"), rows.rough_weights, rows.spreads, rows.inverses


def _exclusions(rows: Rows) -> tuple[NDArray[Any], ...]:
    return rows.offsets("excluded"), rows.values("excluded"), rows.ages, rows.onsets


def _flags(rows: Rows) -> tuple[NDArray[Any], ...]:
    return rows.sharing, rows.test, rows.species, rows.owners, rows.families, rows.died


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """A thread's own arrays for all rows: bounds and the largest of each SPAN of a part, and which rows were scored."""

    upper: NDArray[np.float32]
    peaks: NDArray[np.float32]
    found: NDArray[np.int64]
    scores: NDArray[np.float32]

    def placed(self, rows: Table) -> Iterator[tuple[Rows, tuple[NDArray[np.float32], NDArray[np.float32]], int]]:
        """Each part with its own bounds, and the number of its first row."""
        first = 0
        for part, start in rows.placed():
            last = first - (-part.n // SPAN)
            yield part, (self.upper[start : start + part.n], self.peaks[first:last]), start
            first = last


def _room(rows: Table) -> _Room:
    n, n_spans = len(rows), sum(-(-part.n // SPAN) for part in rows.parts)
    if getattr(_scratch, "n", -1) < n:
        _scratch.n = n + n // 4
        _scratch.arrays = (
            np.empty(_scratch.n, np.float32),
            np.empty(_scratch.n, np.int64),
            np.empty(_scratch.n, np.float32),
        )
    upper, found, scores = _scratch.arrays
    return _Room(upper=upper[:n], peaks=np.zeros(n_spans, np.float32), found=found[:n], scores=scores[:n])
