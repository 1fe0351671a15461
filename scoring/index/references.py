"""Compiled counting of backgrounds: a list of terms against all reference patients, in tens of microseconds.

The patients never change, so what one term has in common with each of them is counted once and kept as a row; a list
then takes sums and maxima of its terms' rows. Rows of terms that were not asked for lately are forgotten.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.corpus import Corpus
from scoring.index.cases import Lists
from scoring.index.compiling import compiled
from scoring.index.formula import agreement
from scoring.information_content import closure_of
from scoring.parameters import Parameters
from scoring.phenotype import total_weight

N_ROWS = 1024  # terms that are remembered: some 50 MB with 2,000 patients
_AT_ONCE = 64  # lists or terms from which on threads are worth their start


class References:
    """The reference patients of a corpus. Any number of threads may ask; one of them counts at a time, on all cores."""

    def __init__(self, corpus: Corpus, parameters: Parameters, *, n_rows: int = N_ROWS) -> None:
        patients = [np.asarray(terms, np.int32) for terms in corpus.references()]
        graph = corpus.graph
        used, local = np.unique(np.concatenate([np.zeros(0, np.int32), *patients]), return_inverse=True)
        closures = [closure_of(graph, terms) for terms in patients]
        arrays = (
            Lists.of(patients).offsets,
            local.astype(np.int32),
            corpus.closure_sizes[used].astype(np.float64),
            np.array([total_weight(corpus, terms) for terms in patients], np.float64),
            *_inverted([graph.closure(int(term)) for term in used], graph.n_terms),
            *_inverted(closures, graph.n_terms),
            *_inverted(patients, graph.n_terms),
            used.astype(np.int32),
        )
        weights = (graph.ancestor_offsets, graph.ancestors, corpus.ic, corpus.added, corpus.closure_sizes)
        self._references = (weights, arrays)
        self._settings = (parameters.background_top, parameters.mutual_weight)
        self._slots = np.full(graph.n_terms, -1, np.int32)
        self._n_slots = 0
        self._n_rows = n_rows
        self._rows = (self._slots, np.empty((n_rows, len(used))), np.empty((n_rows, len(patients))))
        self._lock = threading.Lock()

    def backgrounds(self, lists: Sequence[tuple[int, ...]]) -> NDArray[np.float64]:
        """Count the background of each list of terms, in any order; float64 of shape (n_lists,), 0 for no terms."""
        found = np.zeros(len(lists))
        with self._lock:
            start = 0
            while start < len(lists):
                end = self._make_room(lists, start)
                self._count(lists[start:end], found[start:end])
                start = end
        return found

    def fits(self, terms: Sequence[int]) -> bool:
        """Whether a list is short enough to be counted here."""
        return len(terms) <= self._n_rows

    def _make_room(self, lists: Sequence[tuple[int, ...]], start: int) -> int:
        """Fill in the rows of as many lists as have room, one at least by forgetting others; say where they end."""
        if self._n_slots + self._n_new(lists[start]) > self._n_rows:
            self._slots[:] = -1
            self._n_slots = 0
        new: dict[int, None] = {}
        end = start
        while end < len(lists):
            more = [term for term in lists[end] if self._slots[term] < 0 and term not in new]
            if self._n_slots + len(new) + len(more) > self._n_rows:
                break
            new.update(dict.fromkeys(more))
            end += 1
        terms = np.fromiter(new, np.int32, count=len(new))
        self._slots[terms] = self._n_slots + np.arange(len(new), dtype=np.int32)
        self._n_slots += len(new)

        def fill(first: int, last: int) -> None:
            fill_rows(*self._references, self._rows, terms[first:last])

        _on_all_cores(fill, len(terms))
        return end

    def _n_new(self, terms: Sequence[int]) -> int:
        return sum(bool(self._slots[term] < 0) for term in terms)

    def _count(self, lists: Sequence[tuple[int, ...]], found: NDArray[np.float64]) -> None:
        offsets = np.zeros(len(lists) + 1, np.int32)
        np.cumsum([len(terms) for terms in lists], out=offsets[1:])
        flat = np.fromiter((term for terms in lists for term in terms), np.int32, count=int(offsets[-1]))

        def count(start: int, end: int) -> None:
            asked = (offsets[start : end + 1], flat)
            count_lists(self._references, self._rows, asked, self._settings, found[start:end])

        _on_all_cores(count, len(lists))


def _on_all_cores(work: Callable[[int, int], None], n: int) -> None:
    """Cut 0..n into as many ranges as there are cores; a few things are done here and now."""
    n_cores = os.cpu_count() or 1
    if n < _AT_ONCE or n_cores == 1:
        work(0, n)
        return
    cuts = [n * core // n_cores for core in range(n_cores + 1)]
    with ThreadPoolExecutor(n_cores) as pool:
        list(pool.map(work, cuts[:-1], cuts[1:]))


def _inverted(rows: Sequence[NDArray[np.int32]], n_terms: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """For each term the rows that hold it, as offsets and values."""
    flat = np.concatenate([np.zeros(0, np.int32), *rows])
    owners = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row) for row in rows])
    offsets = np.zeros(n_terms + 1, np.int32)
    np.cumsum(np.bincount(flat, minlength=n_terms), out=offsets[1:])
    return offsets, owners[np.argsort(flat, kind="stable")]


def _fill_rows(graph: Any, patients: Any, rows: Any, terms: Any) -> None:
    """For each term its s with every term that a patient has, and the best of each patient."""
    offsets, ancestors, ic, _added, sizes = graph
    _starts, _lists, used_sizes, _weights, below_offsets, below, _co, _c, having_offsets, having, used = patients
    slots, similar, best = rows
    n_common = np.zeros(used_sizes.shape[0])
    near = np.empty(used_sizes.shape[0], np.int64)
    for term in terms:
        row, its_best = similar[slots[term]], best[slots[term]]
        row[:] = 0.0
        its_best[:] = 0.0
        n_near = 0
        # All have the root, which says nothing; the few terms that share more are looked at.
        for k in range(offsets[term] + 1, offsets[term + 1]):
            above = ancestors[k]
            for z in range(below_offsets[above], below_offsets[above + 1]):
                if n_common[below[z]] == 0.0:
                    near[n_near] = below[z]
                    n_near += 1
                n_common[below[z]] += 1.0
                row[below[z]] = ic[above] if ic[above] > row[below[z]] else row[below[z]]
        for u in near[:n_near]:
            n_both = n_common[u] + 1.0
            value = np.sqrt(row[u] * (n_both / (sizes[term] + used_sizes[u] - n_both)))
            row[u] = value
            n_common[u] = 0.0
            for z in range(having_offsets[used[u]], having_offsets[used[u] + 1]):
                its_best[having[z]] = value if value > its_best[having[z]] else its_best[having[z]]


def _count_lists(references: Any, rows: Any, asked: Any, settings: Any, found: Any) -> None:
    """Write the mean of the `top` largest similarities of each list to the patients into `found`."""
    graph, patients = references
    ic = graph[2]
    starts, lists, weights = patients[0], patients[1], patients[3]
    list_offsets, terms = asked
    top, mutual_weight = settings
    n_patients = starts.shape[0] - 1
    # F, B, M and the shared weight of each patient, and the best s of each term that any of them has.
    common = np.empty((4, n_patients))
    nearest = np.empty(rows[1].shape[1])
    sums = np.empty(n_patients)
    seen = np.full(graph[0].shape[0] - 1, -1, np.int64)
    for n in range(found.shape[0]):
        its_terms = terms[list_offsets[n] : list_offsets[n + 1]]
        own = np.sqrt(ic[its_terms])
        found[n] = 0.0
        if not own.shape[0] or own.max() <= 0.0:
            continue
        take_rows(rows, its_terms, common, nearest)
        weight = take_shared(references, its_terms, common[3], seen, n)
        query = (np.float64(own.shape[0]), own.max(), own.sum() / own.shape[0], weight)
        for p in range(n_patients):
            total = 0.0
            for k in range(starts[p], starts[p + 1]):
                total += nearest[lists[k]]
            common[1, p] = total / (starts[p + 1] - starts[p])
        for p in range(n_patients):
            case = (np.float64(starts[p + 1] - starts[p]), weights[p])
            facts = (common[0, p] / query[0], common[1, p], common[2, p], common[3, p])
            sums[p] = agreement(query, case, facts, mutual_weight)
        found[n] = mean_of_largest(sums, top)


def _take_rows(rows: Any, terms: Any, common: Any, nearest: Any) -> None:
    """Sum and maximum of the best s of each patient, and the best s of each term, from the rows of a list."""
    slots, similar, best = rows
    forward, strongest = common[0], common[2]
    forward[:] = 0.0
    strongest[:] = 0.0
    nearest[:] = 0.0
    for term in terms:
        its_best, its_similar = best[slots[term]], similar[slots[term]]
        for p in range(forward.shape[0]):
            forward[p] += its_best[p]
            strongest[p] = its_best[p] if its_best[p] > strongest[p] else strongest[p]
        for u in range(nearest.shape[0]):
            nearest[u] = its_similar[u] if its_similar[u] > nearest[u] else nearest[u]


def _take_shared(references: Any, terms: Any, shared: Any, seen: Any, mark: Any) -> Any:
    """Add up what the closure and the terms of a list weigh with each patient; return what they weigh."""
    (offsets, ancestors, ic, added, _sizes), patients = references
    _starts, _lists, _us, _weights, _bo, _b, closure_offsets, closures, having_offsets, having, _used = patients
    shared[:] = 0.0
    weight = 0.0
    for term in terms:
        weight += ic[term]
        for z in range(having_offsets[term], having_offsets[term + 1]):
            shared[having[z]] += ic[term]
        for k in range(offsets[term], offsets[term + 1]):
            above = ancestors[k]
            if seen[above] != mark:
                seen[above] = mark
                weight += added[above]
                for z in range(closure_offsets[above], closure_offsets[above + 1]):
                    shared[closures[z]] += added[above]
    return weight


def _mean_of_largest(values: Any, top: Any) -> Any:
    """The mean of the `top` largest values; 1 for none."""
    largest = np.empty(min(top, values.shape[0]))
    if not largest.shape[0]:
        return 1.0
    largest[:] = values[: largest.shape[0]]
    least = np.argmin(largest)
    for n in range(largest.shape[0], values.shape[0]):
        if values[n] > largest[least]:
            largest[least] = values[n]
            least = np.argmin(largest)
    return np.mean(largest)


_PATIENTS = "Tuple(({i4}, {i4}, {f8}, {f8}, {i4}, {i4}, {i4}, {i4}, {i4}, {i4}, {i4}))"
_REFERENCES = f"Tuple(({{graph}}, {_PATIENTS}))"
_ROWS = "Tuple(({i4}, {table}, {table}))"
mean_of_largest = compiled(_mean_of_largest, "float64({f8}, int64)")
take_rows = compiled(_take_rows, f"void({_ROWS}, {{i4}}, {{table}}, {{f8}})")
take_shared = compiled(_take_shared, f"float64({_REFERENCES}, {{i4}}, {{f8}}, int64[::1], int64)")
fill_rows = compiled(_fill_rows, f"void({{graph}}, {_PATIENTS}, {_ROWS}, {{i4}})")
count_lists = compiled(
    _count_lists, f"void({_REFERENCES}, {_ROWS}, Tuple(({{i4}}, {{i4}})), Tuple((int64, float64)), {{f8}})"
)
