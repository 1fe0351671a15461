"""Resnik's best-match average by the kernels of the search: another similarity in tables of the same kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.index import vectors
from scoring.index.cases import Lists
from scoring.index.compiling import compiled
from scoring.index.meeting import U8, find_meetings
from scoring.index.pruning import push

LANES = vectors.LANES  # query terms that stand side by side
WIDTH = LANES + 4  # of a row: and behind the first of them the largest of all
maxima_and_sum: Any = vectors.maxima_and_sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Resnik:
    """Cases whose terms are numbered so that parents come first, by how many terms they have, as in the index."""

    number_of: Mapping[str, int]
    known: Collection[str]
    parents: tuple[NDArray[np.int32], NDArray[np.int32]]
    contents: NDArray[np.float32]
    cases: Lists
    order: NDArray[np.int64]  # which case stands where
    everything: NDArray[np.int32]
    nothing: NDArray[np.int32]
    table: NDArray[np.int32]  # all zero between searches

    @classmethod
    def of(
        cls, terms: Mapping[str, tuple[float, Sequence[str]]], known: Collection[str], cases: Sequence[Sequence[str]]
    ) -> Resnik:
        """Number what a library knows: the content and the parents of each term; cases may hold others."""
        order = list(TopologicalSorter({id_: parents for id_, (_, parents) in terms.items()}).static_order())
        number_of = {id_: number for number, id_ in enumerate(order)}
        parents = Lists.of([[number_of[parent] for parent in terms[id_][1]] for id_ in order])
        stored = [[number_of[id_] for id_ in one if id_ in number_of] for one in cases]
        by_length = np.argsort([len(one) for one in stored], kind="stable")
        return cls(
            number_of=number_of,
            known=frozenset(known),
            parents=(parents.offsets, parents.values.astype(np.int32)),
            contents=np.array([terms[id_][0] for id_ in order], np.float32),
            cases=Lists.of([stored[number] for number in by_length.tolist()]),
            order=by_length,
            everything=np.arange(len(order), dtype=np.int32),
            nothing=np.full(len(order), -1, np.int32),
            table=np.zeros(2 << len(order).bit_length(), np.int32),
        )

    def search(self, query: Sequence[str], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k best and what ties with the last, and the scores of all in the order in which they stand.

        A score is the sum of all best matches, both ways, divided by the number of terms on both sides.
        """
        terms = np.array([self.number_of[id_] for id_ in query if id_ in self.known], np.int32)
        n_terms, n_groups = len(self.contents), -(-len(terms) // LANES)
        slot, contents = closure_of(*self.parents, terms, self.contents)
        n_words = -(-contents.shape[0] // 64)
        meetings = (np.zeros(n_terms, np.int32), np.zeros((n_terms + 1, n_words), np.uint64))
        n = find_meetings(self.parents, self.everything, (slot, self.nothing, n_words), meetings, self.table)
        similar = np.zeros((n, n_groups, WIDTH), np.float32)
        scores = np.zeros(len(self.cases.offsets) - 1, np.float32)
        heap = np.zeros(k, np.float32)
        fill(meetings[1], contents, similar)
        tables = (meetings[0].astype(np.uint16), similar)
        score_all((self.cases.offsets, self.cases.values), tables, len(terms), (scores, heap))
        return np.flatnonzero(scores >= heap[0]), scores


def _closure_of(offsets: Any, parents: Any, terms: Any, contents: Any) -> Any:
    """Where each term above the query stands, -1 for others, and its content for each query term that it is above."""
    slot = np.full(offsets.shape[0] - 1, -1, np.int32)
    lanes = (terms.shape[0] + LANES - 1) // LANES * LANES
    found = np.zeros((offsets.shape[0] - 1, lanes), np.float32)
    n_found = 0
    waiting = np.empty(offsets.shape[0] - 1, np.int32)
    for lane in range(terms.shape[0]):
        waiting[0], n_waiting = terms[lane], 1
        while n_waiting:
            n_waiting -= 1
            term = waiting[n_waiting]
            if slot[term] < 0:
                slot[term] = n_found
                n_found += 1
            elif found[slot[term], lane] > 0.0:
                continue
            found[slot[term], lane] = contents[term]
            for k in range(offsets[term], offsets[term + 1]):
                waiting[n_waiting] = parents[k]
                n_waiting += 1
    return slot, found[:n_found].copy()


def _fill(bits: Any, contents: Any, similar: Any) -> None:
    """Write the largest common content with each query term for each meeting, and the largest of them."""
    for row in range(similar.shape[0]):
        for place in range(contents.shape[0]):
            if bits[row, place >> 6] >> np.uint64(place & 63) & np.uint64(1):
                for group in range(similar.shape[1]):
                    its = contents[place, group * LANES : (group + 1) * LANES]
                    for lane in range(LANES):
                        known = similar[row, group, lane]
                        similar[row, group, lane] = its[lane] if its[lane] > known else known
        similar[row, 0, LANES] = similar[row].max()


def _score_all(cases: Any, tables: Any, n_query: Any, found: Any) -> None:
    """Write the scores of all cases, and the largest of them."""
    offsets, terms = cases
    row_of, similar = tables
    scores, heap = found
    n_groups, n_best = similar.shape[1], 0
    for case in range(scores.shape[0]):
        begin, end = np.int64(offsets[case]), np.int64(offsets[case + 1])
        if end == begin:
            continue
        total = np.float32(0.0)
        for group in range(n_groups):
            table, stride = similar.ctypes.data + 4 * WIDTH * group, 4 * WIDTH * n_groups
            place = terms.ctypes.data + 2 * begin
            forward, backward = maxima_and_sum(table, stride, row_of.ctypes.data, place, end - begin)
            total += forward + backward
        scores[case] = total / np.float32(n_query + end - begin)
        if n_best < heap.shape[0] or scores[case] > heap[0]:
            n_best = push(heap, n_best, scores[case])


_F4, _TABLE = "float32[::1]", "float32[:,::1]"
closure_of = compiled(_closure_of, f"Tuple(({{i4}}, {_TABLE}))({{i4}}, {{i4}}, {{i4}}, {_F4})")
fill = compiled(_fill, f"void({U8}[:,::1], {_TABLE}, float32[:,:,::1])")
score_all = compiled(
    _score_all,
    f"void(Tuple(({{i4}}, {{u2}})), Tuple((uint16[::1], float32[:,:,::1])), int64, UniTuple({_F4}, 2))",
)
