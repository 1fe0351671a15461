"""One query as tables over the terms of the store: what every term of any case is worth to it.

Terms that meet the query at the same place and whose closures are of one size are worth the same: their row is written
once. What is read in the first pass over all cases is four numbers of each term.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.combination import QuerySize
from scoring.corpus import Corpus
from scoring.index.filling import LANES, NEAR, SHARP, fill_tables
from scoring.index.meeting import find_meetings, gather_closure
from scoring.index.vocabulary import Vocabulary
from scoring.parameters import Parameters
from scoring.profile import Profile

GENERIC_IC = 1.2  # nats; ancestors below are taken to be shared by everybody
_scratch = threading.local()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryTables:
    """What the compiled search reads of a query; the arrays are the thread's own until its next query.

    Attributes
    ----------
    row_of : uint16 array of shape (n_terms,)
        The row of each used term.
    similar : float32 array of shape (n_rows, n_groups, 2 LANES)
        s and IC J^4 with each query term, sixteen query terms to a group.
    four : float32 array of shape (n_terms, 4)
        Best s; what goes beyond NEAR, and SHARP, summed over query terms; closure weight beyond the generic.
    exact : float32 array of shape (n_rows,)
        IC of the terms that the query has itself.
    words : uint64 array of shape (n_rows, n_words)
        Which terms of the query's closure are in the term's own, and behind them which that the query excludes.
    lookup : float32 array of shape (bytes of the closure's words, 256)
        What the closure terms of a byte weigh together.
    in_closure : int8 array of shape (n_terms,)
    asked : int32 arrays
        The query's closure and what it excludes, in the order of the bits of `words`.
    numbers : float32 array, in the order of `of`
    """

    row_of: NDArray[np.uint16]
    similar: NDArray[np.float32]
    four: NDArray[np.float32]
    exact: NDArray[np.float32]
    words: NDArray[np.uint64]
    lookup: NDArray[np.float32]
    in_closure: NDArray[np.int8]
    asked: tuple[NDArray[np.int32], NDArray[np.int32]]
    numbers: NDArray[np.float32]
    stages: tuple[int, int]

    @classmethod
    def of(
        cls, query: Profile, size: QuerySize, corpus: Corpus, parameters: Parameters, vocabulary: Vocabulary
    ) -> QueryTables:
        """Prepare a query with at least one term that says something, for cases with terms of a vocabulary alone."""
        terms, excluded = np.array(query.observed, np.int32), np.array(query.excluded, np.int32)
        room = _room(corpus)
        graph = (corpus.graph.ancestor_offsets, corpus.graph.ancestors, corpus.ic, corpus.added, corpus.closure_sizes)
        closure = gather_closure(graph, terms, room.slot)
        room.excluded[excluded] = np.arange(len(excluded), dtype=np.int32)
        n_groups, n_own = -(-len(terms) // LANES), -(-len(closure) // 64)
        n_words = n_own + -(-len(excluded) // 64)
        meetings = (room.meeting_of, room.bits(n_words))
        above = (corpus.graph.parent_offsets, corpus.graph.parents)
        n_meetings = find_meetings(above, vocabulary.live, (room.slot, room.excluded, n_own), meetings, room.table)
        weights = np.zeros(n_own * 64)
        weights[: len(closure)] = corpus.added[closure]
        generic = corpus.ic[closure] < GENERIC_IC
        tables = (room.row_of, room.similar(n_groups), room.four, room.exact, room.words(n_words))
        fill_tables(
            graph,
            (terms, closure, np.where(generic, 0.0, corpus.added[closure]), room.slot),
            vocabulary.used,
            (*meetings, room.known(n_meetings), room.n_sizes),
            tables,
        )
        in_closure = np.zeros(corpus.graph.n_terms, np.int8)
        in_closure[closure] = 1
        room.slot[closure] = -1
        room.excluded[excluded] = -1
        own = size.content + parameters.coverage_offset
        numbers = (
            size.n_terms,
            size.max_self,
            size.mean_self,
            size.weight,
            parameters.coverage_weight / own**parameters.coverage_query_share,
            parameters.coverage_weight * size.own_coverage(parameters),
            float(NEAR) * size.mean_self,
            float(SHARP) * size.content,
            float(weights[: len(closure)][generic].sum()),
            parameters.mutual_weight,
            parameters.contradiction_cost,
            parameters.contradiction_limit,
        )
        return cls(
            row_of=room.row_of,
            similar=tables[1],
            four=room.four,
            exact=room.exact,
            words=tables[4],
            lookup=(_BITS @ weights.astype(np.float32).reshape(-1, 8).T).T.copy(),
            in_closure=in_closure,
            asked=(closure, excluded),
            numbers=np.array(numbers, np.float32),
            stages=(_stage(query.age_stage), _stage(query.onset_stage)),
        )


_BITS = (np.arange(256)[:, None] >> np.arange(8) & 1).astype(np.float32)


def _stage(stage: int | None) -> int:
    return -1 if stage is None else stage


class _Room:
    """A thread's own arrays for the tables of one query after the other; rows that are not in use hold anything."""

    def __init__(self, corpus: Corpus) -> None:
        n_terms = self._n_terms = corpus.graph.n_terms
        self.corpus = corpus
        self.n_sizes = int(corpus.closure_sizes.max()) + 1
        self.slot = np.full(n_terms, -1, np.int32)
        self.excluded = np.full(n_terms, -1, np.int32)
        self.meeting_of = np.zeros(n_terms, np.int32)
        self.table = np.zeros(2 << n_terms.bit_length(), np.int32)
        self.row_of = np.zeros(n_terms, np.uint16)
        self.four = _aligned((n_terms, 4))
        self.exact = np.zeros(n_terms, np.float32)
        self._bits = np.zeros(0, np.uint64)
        self._words = np.zeros(0, np.uint64)
        self._similar = _aligned((0,))
        self._known = np.zeros(0, np.int32)

    def bits(self, n_words: int) -> NDArray[np.uint64]:
        """Room for the bits of each meeting, and of one that turns out to be known."""
        if len(self._bits) < (self._n_terms + 1) * n_words:
            self._bits = np.zeros((self._n_terms + 1) * n_words, np.uint64)
        return self._bits[: (self._n_terms + 1) * n_words].reshape(-1, n_words)

    def words(self, n_words: int) -> NDArray[np.uint64]:
        if len(self._words) < self._n_terms * n_words:
            self._words = np.zeros(self._n_terms * n_words, np.uint64)
        return self._words[: self._n_terms * n_words].reshape(-1, n_words)

    def similar(self, n_groups: int) -> NDArray[np.float32]:
        n = self._n_terms * n_groups * 2 * LANES
        if len(self._similar) < n:
            self._similar = _aligned((n,))
        return self._similar[:n].reshape(self._n_terms, n_groups, 2 * LANES)

    def known(self, n_meetings: int) -> NDArray[np.int32]:
        """All zero, for each meeting and size."""
        if len(self._known) < n_meetings * self.n_sizes:
            self._known = np.zeros(2 * n_meetings * self.n_sizes, np.int32)
        return self._known


def _room(corpus: Corpus) -> _Room:
    room: _Room | None = getattr(_scratch, "room", None)
    if room is None or room.corpus is not corpus:
        room = _scratch.room = _Room(corpus)
    return room


def _aligned(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Zeros that begin where a line of the cache does."""
    n = int(np.prod(shape))
    flat = np.zeros(n + LANES, np.float32)
    skip = -flat.ctypes.data % 64 // 4
    return flat[skip : skip + n].reshape(shape)
