"""One query as tables over the terms of the store: what every term of any case is worth to it.

Rows are written for the terms in use alone. What is read in the first pass over all cases is a row of four numbers.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.combination import QuerySize
from scoring.corpus import Corpus
from scoring.index.compiling import compiled
from scoring.information_content import closure_of
from scoring.parameters import Parameters
from scoring.profile import Profile

LANES = 16
# What a bound takes for granted of each query term: a share of its s, and of its IC J^4, with itself. Any numbers keep
# bounds valid; these leave the fewest cases of a realistic store to be scored.
NEAR, SHARP = np.float32(0.45), np.float32(0.02)
GENERIC_IC = 1.2  # nats; ancestors below are taken to be shared by everybody
_scratch = threading.local()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryTables:
    """What the compiled search reads of a query; the arrays are the thread's own until its next query.

    Attributes
    ----------
    near, sharp : float32 arrays of shape (n_groups, n_terms, LANES)
        s and IC J^4 with each query term, sixteen query terms to a group.
    four : float32 array of shape (n_terms, 4)
        Best s; what goes beyond NEAR, and SHARP, summed over query terms; closure weight beyond the generic.
    exact : float32 array of shape (n_terms,)
        IC of the terms that the query has itself.
    words : uint64 array of shape (n_terms, n_words)
        Which terms of the query's closure are in the term's own, and behind them which that the query excludes.
    lookup : float32 array of shape (bytes of the closure's words, 256)
        What the closure terms of a byte weigh together.
    in_closure : int8 array of shape (n_terms,)
    asked : int32 arrays
        The query's closure and what it excludes, in the order of the bits of `words`.
    numbers : float32 array, see `_NUMBERS`
    """

    near: NDArray[np.float32]
    sharp: NDArray[np.float32]
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
        cls, query: Profile, size: QuerySize, corpus: Corpus, parameters: Parameters, used: NDArray[np.int32]
    ) -> QueryTables:
        """Prepare a query with at least one term that says something, for cases that have the `used` terms alone."""
        terms, excluded = np.array(query.observed, np.int32), np.array(query.excluded, np.int32)
        closure = closure_of(corpus.graph, terms).astype(np.int32)
        n_groups, n_own = -(-len(terms) // LANES), -(-len(closure) // 64)
        n_words = n_own + -(-len(excluded) // 64)
        arrays = _arrays(corpus.graph.n_terms, n_groups, n_words)
        near, sharp, four, exact, words = arrays
        generic = corpus.ic[closure] < GENERIC_IC
        graph = (corpus.graph.ancestor_offsets, corpus.graph.ancestors, corpus.ic, corpus.added, corpus.closure_sizes)
        fill_tables(graph, (terms, closure, excluded, generic), used, (near, sharp, four, exact, words))
        in_closure = np.zeros(corpus.graph.n_terms, np.int8)
        in_closure[closure] = 1
        weights = np.zeros(n_own * 64)
        weights[: len(closure)] = corpus.added[closure]
        own = size.content + parameters.coverage_offset
        numbers = [
            size.n_terms,
            size.max_self,
            size.mean_self,
            size.weight,
            parameters.coverage_weight / own**parameters.coverage_query_share,
            parameters.coverage_weight * size.own_coverage(parameters),
            float(NEAR) * size.mean_self,
            float(SHARP) * size.content,
            weights[: len(closure)][generic].sum(),
            parameters.mutual_weight,
            parameters.contradiction_cost,
            parameters.contradiction_limit,
        ]
        return cls(
            near=near,
            sharp=sharp,
            four=four,
            exact=exact,
            words=words,
            lookup=(_BITS @ weights.reshape(-1, 8).T).T.astype(np.float32).copy(),
            in_closure=in_closure,
            asked=(closure, excluded),
            numbers=np.array(numbers, np.float32),
            stages=(_stage(query.age_stage), _stage(query.onset_stage)),
        )


_BITS = (np.arange(256)[:, None] >> np.arange(8) & 1).astype(np.float64)


def _stage(stage: int | None) -> int:
    return -1 if stage is None else stage


def _arrays(n_terms: int, n_groups: int, n_words: int) -> tuple[NDArray[Any], ...]:
    """The thread's own tables; larger ones when a query needs them. Rows that are not in use hold anything."""
    shape = getattr(_scratch, "shape", None)
    if shape is None or shape[0] != n_terms or shape[1] < n_groups:
        _scratch.shape = (n_terms, n_groups)
        _scratch.tables = (
            _aligned((n_groups, n_terms, LANES)),
            _aligned((n_groups, n_terms, LANES)),
            _aligned((n_terms, 4)),
            _aligned((n_terms,)),
        )
    near, sharp, four, exact = _scratch.tables
    words = getattr(_scratch, "words", None)
    if words is None or words.shape != (n_terms, n_words):
        words = _scratch.words = np.zeros((n_terms, n_words), np.uint64)
    return near[:n_groups], sharp[:n_groups], four, exact, words


def _aligned(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Zeros that begin where a line of the cache does."""
    n = int(np.prod(shape))
    flat = np.zeros(n + LANES, np.float32)
    skip = -flat.ctypes.data % 64 // 4
    return flat[skip : skip + n].reshape(shape)


def _fill_tables(graph: Any, query: Any, used: Any, tables: Any) -> None:  # noqa: C901, PLR0912, PLR0915
    """Write a row for each used term."""
    offsets, ancestors, ic, added, sizes = graph
    terms, closure, excluded, generic = query
    near, sharp, four, exact, words = tables
    n_groups, n_words, first_excluded = near.shape[0], words.shape[1], (closure.shape[0] + 63) // 64
    # Rows of the closure's terms come first and the query's excluded ones behind them.
    slot = np.full(offsets.shape[0] - 1, -1, np.int32)
    is_excluded = np.full(offsets.shape[0] - 1, -1, np.int32)
    weight = np.zeros(closure.shape[0], np.float32)
    for n in range(closure.shape[0]):
        slot[closure[n]] = n
        weight[n] = 0.0 if generic[n] else added[closure[n]]
    for n in range(excluded.shape[0]):
        is_excluded[excluded[n]] = n
    content, has, own, least = lanes_of(graph, terms, slot, closure.shape[0], n_groups)
    mica, common = np.empty(16, np.float32), np.empty(16, np.float32)
    shared = np.empty(closure.shape[0], np.int32)
    for term in used:
        n_shared = 0
        beyond_generic = np.float32(0.0)
        exact[term] = 0.0
        for w in range(n_words):
            words[term, w] = 0
        for k in range(offsets[term], offsets[term + 1]):
            s = slot[ancestors[k]]
            if s >= 0:
                shared[n_shared] = s
                n_shared += 1
                words[term, s >> 6] |= np.uint64(1) << np.uint64(s & 63)
                beyond_generic += weight[s]
        if excluded.shape[0]:
            for k in range(offsets[term], offsets[term + 1]):
                x = is_excluded[ancestors[k]]
                if x >= 0:
                    words[term, first_excluded + (x >> 6)] |= np.uint64(1) << np.uint64(x & 63)
        best, beyond, sharper = np.float32(0.0), np.float32(0.0), np.float32(0.0)
        for group in range(n_groups):
            to_near, to_sharp = near[group, term], sharp[group, term]
            if n_shared < 2 and ic[0] <= 0.0:  # the root, which says nothing
                to_near[:] = 0.0
                to_sharp[:] = 0.0
                continue
            mica[:] = 0.0
            common[:] = 0.0
            for k in range(n_shared):
                of_content, of_has = content[group, shared[k]], has[group, shared[k]]
                for j in range(16):
                    common[j] += of_has[j]
                    mica[j] = of_content[j] if of_content[j] > mica[j] else mica[j]
            size, its_own = np.float32(sizes[term]), own[group]
            for j in range(16):
                overlap = common[j] / (size + its_own[j] - common[j])
                square = overlap * overlap
                to_sharp[j] = mica[j] * (square * square)
                to_near[j] = np.sqrt(mica[j] * overlap)
            for j in range(16):
                best = to_near[j] if to_near[j] > best else best
                more, more_sharp = to_near[j] - least[0, group, j], to_sharp[j] - least[1, group, j]
                beyond += more if more > 0.0 else np.float32(0.0)
                sharper += more_sharp if more_sharp > 0.0 else np.float32(0.0)
        four[term, 0], four[term, 1], four[term, 2], four[term, 3] = best, beyond, sharper, beyond_generic
    for term in terms:
        four[term, 3] += np.float32(ic[term])
        exact[term] = ic[term]


def _lanes_of(graph: Any, terms: Any, slot: Any, n_slots: Any, n_groups: Any) -> Any:
    """The query's terms as lanes: IC of each ancestor and whether it is one, closure sizes, what bounds grant."""
    offsets, ancestors, ic, _added, sizes = graph
    content = np.zeros((n_groups, n_slots, 16), np.float32)
    has = np.zeros((n_groups, n_slots, 16), np.float32)
    own = np.ones((n_groups, 16), np.float32)  # pad lanes share nothing
    least = np.zeros((2, n_groups, 16), np.float32)
    for n in range(terms.shape[0]):
        group, lane, term = n // 16, n % 16, terms[n]
        own[group, lane] = sizes[term]
        least[0, group, lane] = NEAR * np.float32(np.sqrt(ic[term]))
        least[1, group, lane] = SHARP * np.float32(ic[term])
        for k in range(offsets[term], offsets[term + 1]):
            content[group, slot[ancestors[k]], lane] = ic[ancestors[k]]
            has[group, slot[ancestors[k]], lane] = 1.0
    return content, has, own, least


F4, U8 = "float32", "uint64"
TABLES = f"Tuple(({F4}[:,:,::1], {F4}[:,:,::1], {F4}[:,::1], {F4}[::1], {U8}[:,::1]))"
_LANES = f"Tuple(({F4}[:,:,::1], {F4}[:,:,::1], {F4}[:,::1], {F4}[:,:,::1]))"
lanes_of = compiled(_lanes_of, f"{_LANES}({{graph}}, {{i4}}, {{i4}}, int64, int64)")
fill_tables = compiled(
    _fill_tables, f"void({{graph}}, Tuple(({{i4}}, {{i4}}, {{i4}}, boolean[::1])), {{i4}}, {TABLES})"
)
