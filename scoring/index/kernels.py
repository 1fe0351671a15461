"""The scan compiled with numba: the same facts as `plain`, several hundred times faster. Importing it takes numba.

All arrays are C-contiguous and writeable, and the signatures are fixed, so that compiled code comes from the cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import GeneId
from scoring.combination import TermFacts
from scoring.corpus import Corpus
from scoring.index.cases import Block, Lists
from scoring.index.compiling import compiled
from scoring.index.rows import Picked
from scoring.profile import Profile


def scan(block: Block | Picked, corpus: Corpus, query: Profile, wanted: NDArray[np.bool_]) -> TermFacts:
    """Compare a query with every wanted case of a block; see `plain.scan`. Holds no lock while it runs."""
    graph = (corpus.graph.ancestor_offsets, corpus.graph.ancestors, corpus.ic, corpus.added, corpus.closure_sizes)
    terms, excluded = np.array(query.observed, np.int32), np.array(query.excluded, np.int32)
    table, sharp, best = similarity_table(graph, terms, block.used)
    lists = (block.terms.offsets, block.terms.values, block.closures.offsets, block.closures.values)
    exclusions = (block.excluded.offsets, block.excluded.values, block.ages, block.onsets)
    n_contradictions = np.zeros(len(block), np.int64)
    if len(excluded) or len(block.excluded.values):
        stages = (
            np.int64(-1 if query.age_stage is None else query.age_stage),
            np.int64(-1 if query.onset_stage is None else query.onset_stage),
        )
        count_contradictions(graph, (terms, excluded, *stages), (*lists, *exclusions), wanted, n_contradictions)
    facts = np.zeros((5, len(block)))
    compare_lists(graph, (terms, table, sharp, best, block.used), lists, wanted, facts)
    return TermFacts(
        forward=facts[0],
        backward=facts[1],
        strongest=facts[2],
        shared=facts[3],
        exact=facts[4],
        n_terms=np.diff(block.terms.offsets).astype(np.int64),
        weight=block.weights,
        content=block.contents,
        n_contradictions=n_contradictions,
    )


def explain(corpus: Corpus, gene: GeneId, lists: Lists) -> NDArray[np.float64]:
    """See `plain.explain`."""
    graph = (corpus.graph.ancestor_offsets, corpus.graph.ancestors, corpus.ic, corpus.added, corpus.closure_sizes)
    phenotype = np.frombuffer(bytearray(corpus.gene_facts(gene).phenotype), np.uint8)
    shares = np.full(len(lists.offsets) - 1, np.nan)
    if len(phenotype):
        explain_lists(graph, phenotype, lists.offsets, lists.values, shares)
    return shares


def measure(corpus: Corpus, lists: Lists) -> tuple[Lists, NDArray[np.float64], NDArray[np.float64]]:
    """See `plain.measure`; a closure is in no order."""
    graph = (corpus.graph.ancestor_offsets, corpus.graph.ancestors, corpus.ic, corpus.added, corpus.closure_sizes)
    offsets, values, weights, contents = measure_lists(graph, lists.offsets, lists.values)
    return Lists(offsets=offsets, values=values), weights, contents


# Plain loops throughout: they are what numba turns into vector code.
def _similarity_table(graph: Any, query: Any, used: Any) -> Any:  # noqa: C901
    """s and IC J^4 of every used term with every query term, float64 (n_used, n_query), and the best s of each row."""
    offsets, ancestors, ic, _added, sizes = graph
    n_query = query.shape[0]
    slot = np.zeros(offsets.shape[0] - 1, np.int32)
    n_slots = 1
    for j in range(n_query):
        for k in range(offsets[query[j]], offsets[query[j] + 1]):
            if slot[ancestors[k]] == 0:
                slot[ancestors[k]] = n_slots
                n_slots += 1
    # Rows of the ancestors that any query term has; slot 0 is for all others, and is never read.
    content = np.zeros((n_slots, n_query))
    has = np.zeros((n_slots, n_query))
    for j in range(n_query):
        for k in range(offsets[query[j]], offsets[query[j] + 1]):
            content[slot[ancestors[k]], j] = ic[ancestors[k]]
            has[slot[ancestors[k]], j] = 1.0
    table = np.empty((used.shape[0], n_query))
    sharp = np.empty((used.shape[0], n_query))
    best = np.zeros(used.shape[0])
    n_common = np.empty(n_query)
    for row in range(used.shape[0]):
        mica = table[row]
        mica[:] = 0.0
        n_common[:] = 0.0
        for k in range(offsets[used[row]], offsets[used[row] + 1]):
            s = slot[ancestors[k]]
            if s > 0:
                for j in range(n_query):
                    n_common[j] += has[s, j]
                    mica[j] = content[s, j] if content[s, j] > mica[j] else mica[j]
        for j in range(n_query):
            union = sizes[used[row]] + sizes[query[j]] - n_common[j]
            overlap = n_common[j] / union
            square = overlap * overlap
            sharp[row, j] = mica[j] * (square * square)
            mica[j] = np.sqrt(mica[j] * overlap)
            best[row] = max(best[row], mica[j])
    return table, sharp, best


def _compare_lists(graph: Any, query: Any, lists: Any, wanted: Any, facts: Any) -> None:
    """Write F, B, M, shared and exact weight of each wanted case with terms into `facts`, float64 (5, n_cases)."""
    offsets, ancestors, ic, added, _sizes = graph
    query_terms, table, sharp, best, used = query
    term_offsets, terms, closure_offsets, closures = lists
    n_query = query_terms.shape[0]
    weight = np.zeros(offsets.shape[0] - 1)
    exact = np.zeros(offsets.shape[0] - 1)
    for j in range(n_query):
        exact[query_terms[j]] = ic[query_terms[j]]
        for k in range(offsets[query_terms[j]], offsets[query_terms[j] + 1]):
            weight[ancestors[k]] = added[ancestors[k]]
    nearest = np.empty(n_query)
    exactest = np.empty(n_query)
    for row in range(wanted.shape[0]):
        start, end = term_offsets[row], term_offsets[row + 1]
        if not wanted[row] or start == end:
            continue
        nearest[:] = 0.0
        exactest[:] = 0.0
        backward = 0.0
        shared = 0.0
        for k in range(start, end):
            term = terms[k]
            backward += best[term]
            shared += exact[used[term]]
            similar = table[term]
            nearly = sharp[term]
            for j in range(n_query):
                exactest[j] = nearly[j] if nearly[j] > exactest[j] else exactest[j]
                nearest[j] = similar[j] if similar[j] > nearest[j] else nearest[j]
        for k in range(closure_offsets[row], closure_offsets[row + 1]):
            shared += weight[closures[k]]
        forward = 0.0
        for j in range(n_query):
            forward += nearest[j]
            facts[4, row] += exactest[j]
            facts[2, row] = max(facts[2, row], nearest[j])
        facts[0, row] = forward / n_query
        facts[1, row] = backward / (end - start)
        facts[3, row] = shared


def _count_contradictions(graph: Any, query: Any, cases: Any, wanted: Any, found: Any) -> None:
    """Count excluded terms, of either side, that the other side observes or is below; into `found`, int64."""
    offsets, ancestors, _ic, _added, _sizes = graph
    query_terms, query_excluded, age, onset = query
    term_offsets, _terms, closure_offsets, closures, excluded_offsets, excluded, ages, onsets = cases
    in_closure = np.zeros(offsets.shape[0] - 1, np.int64)
    is_excluded = np.zeros(offsets.shape[0] - 1, np.int64)
    for j in range(query_terms.shape[0]):
        for k in range(offsets[query_terms[j]], offsets[query_terms[j] + 1]):
            in_closure[ancestors[k]] = 1
    for j in range(query_excluded.shape[0]):
        is_excluded[query_excluded[j]] = 1
    for row in range(wanted.shape[0]):
        if not wanted[row] or term_offsets[row] == term_offsets[row + 1]:
            continue
        # A patient too young to show what the other has cannot exclude it.
        if age < 0 or onsets[row] < 0 or age >= onsets[row]:
            for k in range(closure_offsets[row], closure_offsets[row + 1]):
                found[row] += is_excluded[closures[k]]
        if ages[row] < 0 or onset < 0 or ages[row] >= onset:
            for k in range(excluded_offsets[row], excluded_offsets[row + 1]):
                found[row] += in_closure[excluded[k]]


def _measure_lists(graph: Any, starts: Any, terms: Any) -> Any:
    """Closures in no order, as offsets and values; their weights with the terms, and the terms' content."""
    offsets, ancestors, ic, added, _sizes = graph
    n_lists = starts.shape[0] - 1
    found = np.zeros(n_lists + 1, np.int32)
    weights, contents = np.zeros(n_lists), np.zeros(n_lists)
    seen = np.full(offsets.shape[0] - 1, -1, np.int32)
    flat = np.empty(64 * (n_lists + 1), np.uint16)
    n_flat = 0
    for row in range(n_lists):
        for k in range(starts[row], starts[row + 1]):
            contents[row] += ic[terms[k]]
            for a in range(offsets[terms[k]], offsets[terms[k] + 1]):
                above = ancestors[a]
                if seen[above] != row:
                    seen[above] = row
                    weights[row] += added[above]
                    if n_flat == flat.shape[0]:
                        flat = np.concatenate((flat, np.empty_like(flat)))
                    flat[n_flat] = above
                    n_flat += 1
        weights[row] += contents[row]
        found[row + 1] = n_flat
    return found, flat[:n_flat].copy(), weights, contents


def common_terms(corpus: Corpus, query: NDArray[np.int32], case: NDArray[np.int32], least_ic: float) -> list[int]:
    """Name the common ancestors of the best pairs of two lists of terms; see `plain.common_terms`."""
    graph = (corpus.graph.ancestor_offsets, corpus.graph.ancestors, corpus.ic, corpus.added, corpus.closure_sizes)
    found: list[int] = best_ancestors(graph, query, case, least_ic).tolist()
    return found


def _best_ancestors(graph: Any, query: Any, case: Any, least_ic: float) -> Any:
    """The distinct common ancestors of the pairs in which either term is the other's best, int32 ascending."""
    offsets, ancestors, ic, _added, sizes = graph
    n_query, n_case = query.shape[0], case.shape[0]
    best_of_query, best_of_case = np.zeros(n_query), np.zeros(n_case)
    mica_of_query, mica_of_case = np.zeros(n_query, np.int32), np.zeros(n_case, np.int32)
    for i in range(n_case):
        for j in range(n_query):
            a, a_end = offsets[case[i]], offsets[case[i] + 1]
            b, b_end = offsets[query[j]], offsets[query[j] + 1]
            n_common, mica = 0, np.int32(0)
            while a < a_end and b < b_end:
                if ancestors[a] < ancestors[b]:
                    a += 1
                elif ancestors[a] > ancestors[b]:
                    b += 1
                else:
                    # Of equal ones the last in topological order, as everywhere.
                    if ic[ancestors[a]] >= ic[mica]:
                        mica = ancestors[a]
                    n_common += 1
                    a += 1
                    b += 1
            n_either = sizes[case[i]] + sizes[query[j]] - n_common
            value = np.sqrt(ic[mica] * (n_common / n_either))
            if value > best_of_query[j]:
                best_of_query[j], mica_of_query[j] = value, mica
            if value > best_of_case[i]:
                best_of_case[i], mica_of_case[i] = value, mica
    micas = np.concatenate((mica_of_query[best_of_query > 0.0], mica_of_case[best_of_case > 0.0]))
    telling = micas[ic[micas] >= least_ic]
    return np.unique(telling if telling.shape[0] else micas)


def _explain_lists(graph: Any, phenotype: Any, starts: Any, terms: Any, shares: Any) -> None:
    """See `gene_knowledge.explained`; lists that say nothing stay as they are."""
    offsets, ancestors, ic, _added, _sizes = graph
    for row in range(shares.shape[0]):
        whole, covered = 0.0, 0.0
        for term in terms[starts[row] : starts[row + 1]]:
            closest = 0.0
            for above in ancestors[offsets[term] : offsets[term + 1]]:
                if phenotype[above >> 3] >> (above & 7) & 1 and ic[above] > closest:
                    closest = ic[above]
            whole += ic[term]
            covered += closest
        if whole > 0.0:
            shares[row] = covered / whole


explain_lists = compiled(_explain_lists, "void({graph}, uint8[::1], {i4}, {u2}, {f8})")
similarity_table = compiled(_similarity_table, "Tuple(({table}, {table}, {f8}))({graph}, {i4}, {i4})")
compare_lists = compiled(
    _compare_lists, "void({graph}, Tuple(({i4}, {table}, {table}, {f8}, {i4})), {lists}, boolean[::1], {table})"
)
count_contradictions = compiled(
    _count_contradictions,
    "void({graph}, Tuple(({i4}, {i4}, int64, int64)),"
    " Tuple(({i4}, {u2}, {i4}, {u2}, {i4}, {u2}, {i1}, {i1})), boolean[::1], int64[::1])",
)
best_ancestors = compiled(_best_ancestors, "{i4}({graph}, {i4}, {i4}, float64)")
measure_lists = compiled(_measure_lists, "Tuple(({i4}, {u2}, {f8}, {f8}))({graph}, {i4}, {u2})")
