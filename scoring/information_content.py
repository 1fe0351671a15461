"""How much a term says: information content counted on disease annotations, and what it adds to its parents."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ontology.graph import Graph


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
    counts = np.zeros(graph.n_terms, np.int64)
    n_annotated = 0
    for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        if end > start:
            counts[closure_of(graph, terms[start:end])] += 1
            n_annotated += 1
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
    raised = ic.copy()
    for term in range(graph.n_terms):
        parents = graph.parents_of(term)
        if len(parents):
            raised[term] = max(raised[term], raised[parents].max())
    return raised


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
    added = ic.copy()
    for term in range(graph.n_terms):
        parents = graph.parents_of(term)
        if len(parents):
            added[term] -= ic[parents].max()
    return added


def closure_of(graph: Graph, terms: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
    """Gather the terms and all their ancestors, ascending, each once; empty for no terms."""
    if len(terms) == 0:
        return np.zeros(0, np.int32)
    # A mark per term of the graph is a few times faster than sorting.
    marked = np.zeros(graph.n_terms, np.bool_)
    marked[np.concatenate([graph.closure(term) for term in terms.tolist()])] = True
    return np.flatnonzero(marked).astype(np.int32)
