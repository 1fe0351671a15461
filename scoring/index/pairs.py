"""What two single lists of terms have in common, compiled: for many pairs of which each has another query."""

from __future__ import annotations

from typing import Any

import numpy as np

from scoring.combination import QuerySize, TermFacts
from scoring.corpus import Corpus
from scoring.index.compiling import compiled


def pair_facts(
    corpus: Corpus, query: tuple[int, ...], other: tuple[int, ...], *, size: QuerySize, n_contradictions: int
) -> TermFacts:
    """Compare one pair as `scoring.phenotype.term_facts` does, arrays of shape (1,); neither list is empty.

    Parameters
    ----------
    size : QuerySize
        Of the other side.
    """
    graph = (corpus.graph.ancestor_offsets, corpus.graph.ancestors, corpus.ic, corpus.added, corpus.closure_sizes)
    facts = compare_pair(graph, np.array(query, np.int32), np.array(other, np.int32))
    return TermFacts(
        forward=facts[0:1],
        backward=facts[1:2],
        strongest=facts[2:3],
        shared=facts[3:4],
        exact=facts[4:5],
        n_terms=np.array([size.n_terms]),
        weight=np.array([size.weight]),
        content=np.array([size.content]),
        n_contradictions=np.array([n_contradictions]),
    )


def _compare_pair(graph: Any, query: Any, case: Any) -> Any:  # noqa: C901
    """F, B, M, shared and exact weight of one pair, float64 (5,)."""
    offsets, ancestors, ic, added, sizes = graph
    n_query, n_case = query.shape[0], case.shape[0]
    facts = np.zeros(5)
    best_of_query, best_of_case, exact = np.zeros(n_query), np.zeros(n_case), np.zeros(n_query)
    for i in range(n_case):
        for j in range(n_query):
            a, a_end = offsets[case[i]], offsets[case[i] + 1]
            b, b_end = offsets[query[j]], offsets[query[j] + 1]
            n_common, content = 0, 0.0
            while a < a_end and b < b_end:
                if ancestors[a] < ancestors[b]:
                    a += 1
                elif ancestors[a] > ancestors[b]:
                    b += 1
                else:
                    content = max(content, ic[ancestors[a]])
                    n_common += 1
                    a += 1
                    b += 1
            overlap = n_common / (sizes[case[i]] + sizes[query[j]] - n_common)
            value = np.sqrt(content * overlap)
            best_of_query[j] = max(best_of_query[j], value)
            best_of_case[i] = max(best_of_case[i], value)
            exact[j] = max(exact[j], content * (overlap * overlap) ** 2)
            if case[i] == query[j]:
                facts[3] += ic[case[i]]
    marks = np.zeros(offsets.shape[0] - 1, np.uint8)
    for j in range(n_query):
        marks[ancestors[offsets[query[j]] : offsets[query[j] + 1]]] = 1
    for i in range(n_case):
        for k in range(offsets[case[i]], offsets[case[i] + 1]):
            if marks[ancestors[k]] == 1:
                marks[ancestors[k]] = 2
                facts[3] += added[ancestors[k]]
    facts[0], facts[1] = best_of_query.sum() / n_query, best_of_case.sum() / n_case
    facts[2], facts[4] = best_of_query.max(), exact.sum()
    return facts


compare_pair = compiled(_compare_pair, "{f8}({graph}, {i4}, {i4})")
