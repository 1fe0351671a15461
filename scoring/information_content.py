"""How much a term says: information content counted on disease annotations, and what it adds to its parents."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ontology.graph import Graph

_DISEASES_AT_ONCE = 64


def information_content(
    graph: Graph, offsets: NDArray[np.integer[Any]], terms: NDArray[np.integer[Any]]
) -> NDArray[np.float64]:
    """Count how rare each term is among the diseases of a corpus.

    Parameters
    ----------
    graph : Graph
    offsets : integer array of shape (n_diseases + 1,)
        Disease d is annotated with `terms[offsets[d]:offsets[d + 1]]`.
    terms : integer array
        Dense term ids, observed annotations only, in any order, repeats allowed.

    Returns
    -------
    float64 array of shape (n_terms,)
        -ln(share of annotated diseases that have the term or one below it), in nats, >= 0; never less than a
        parent's. A term that no disease has counts as if one had it. All zero for an empty corpus.

    Notes
    -----
    Resnik, IJCAI 1995; counted on diseases and not on stored cases, so that no score depends on the database.

    Examples
    --------
    >>> graph = Graph.of([[], [0], [0]])
    >>> information_content(graph, np.array([0, 1, 3]), np.array([1, 1, 2])).round(3).tolist()
    [0.0, 0.0, 0.693]
    """
    counts = _counted(graph, np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)), terms[offsets[0] : offsets[-1]])
    n_annotated = int(np.count_nonzero(np.diff(offsets)))
    ic = -np.log(np.maximum(counts, 1) / max(n_annotated, 1))
    return monotone(graph, np.maximum(ic, 0.0) + 0.0)


def monotone(graph: Graph, ic: NDArray[np.float64]) -> NDArray[np.float64]:
    """Raise each value to its parents' largest: a child never says less than its parent.

    Parameters
    ----------
    ic : float64 array of shape (n_terms,)

    Returns
    -------
    float64 array of shape (n_terms,)
    """
    raised, above = ic.tolist(), graph.parents.tolist()
    for term, (start, end) in enumerate(pairwise(graph.parent_offsets.tolist())):
        for parent in above[start:end]:
            raised[term] = max(raised[term], raised[parent])
    return np.array(raised, np.float64)


def added_information(graph: Graph, ic: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take from each term's content what its most informative parent says already.

    Parameters
    ----------
    ic : float64 array of shape (n_terms,)
        Monotone, in nats.

    Returns
    -------
    float64 array of shape (n_terms,)
        In nats, >= 0; the root keeps its own.

    Examples
    --------
    >>> added_information(Graph.of([[], [0], [0, 1]]), np.array([0.0, 1.0, 2.5])).tolist()
    [0.0, 1.0, 1.5]
    """
    added = ic.astype(np.float64)
    below = np.flatnonzero(np.diff(graph.parent_offsets))
    if len(below):
        added[below] -= np.maximum.reduceat(ic[graph.parents], graph.parent_offsets[below])
    return added


def _counted(graph: Graph, diseases: NDArray[np.integer[Any]], terms: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Of how many diseases each term is, or one below it; `diseases` are aligned with `terms`."""
    starts, sizes = graph.ancestor_offsets[terms].astype(np.int64), np.diff(graph.ancestor_offsets)[terms]
    ends = np.cumsum(sizes, dtype=np.int64)
    above = graph.ancestors[np.repeat(starts - ends + sizes, sizes) + np.arange(ends[-1] if len(ends) else 0)]
    pairs = np.repeat(diseases * graph.n_terms, sizes) + above
    # Some diseases at a time are marked in a table that stays in the cache: sorting all pairs takes longer.
    at_once = _DISEASES_AT_ONCE * graph.n_terms
    counts, marked = np.zeros(graph.n_terms, np.int64), np.zeros(at_once, np.bool_)
    cuts = np.searchsorted(pairs, np.arange(0, pairs.max(initial=0) + at_once + 1, at_once))
    for number, (start, end) in enumerate(pairwise(cuts.tolist())):
        some = pairs[start:end] - number * at_once
        marked[some] = True
        counts += np.bincount(np.flatnonzero(marked) % graph.n_terms, minlength=graph.n_terms)
        marked[some] = False
    return counts


def closure_of(graph: Graph, terms: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
    """Gather the terms and all their ancestors, ascending, each once; empty for no terms."""
    if len(terms) == 0:
        return np.zeros(0, np.int32)
    # A mark per term of the graph is a few times faster than sorting.
    marked = np.zeros(graph.n_terms, np.bool_)
    marked[np.concatenate([graph.closure(term) for term in terms.tolist()])] = True
    return np.flatnonzero(marked).astype(np.int32)
