"""How alike two sets of observed terms are, term by term.

`s(t, u) = sqrt(IC(mica) * |closure(t) and closure(u)| / |closure(t) or closure(u)|)`, over terms under Phenotypic
abnormality: the geometric mean of Resnik's and Jaccard's similarity, PhenoDigm's (Smedley et al., Database 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.combination import QuerySize, TermFacts
from scoring.corpus import Corpus
from scoring.information_content import closure_of
from scoring.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Similarity:
    """All pairs of two lists of terms.

    Attributes
    ----------
    values : float64 array of shape (n_terms, n_query_terms)
        s, in sqrt(nats), >= 0.
    mica : int32 array of the same shape
        Dense id of the most informative common ancestor; of several, the last in topological order.
    """

    values: NDArray[np.float64]
    mica: NDArray[np.int32]


def similarity(corpus: Corpus, query: Sequence[int], terms: Sequence[int]) -> Similarity:
    """Compare every term with every term of the query; both are dense ids, and either may be empty.

    Notes
    -----
    numpy only: the index's kernels do the same for many cases, and fall back to this.
    """
    graph, n_rows = corpus.graph, len(terms)
    columns = closure_of(graph, np.asarray(query, np.int32))[::-1]
    column_of = np.full(graph.n_terms, -1, np.int32)
    column_of[columns] = np.arange(len(columns), dtype=np.int32)
    has = np.zeros((n_rows, len(columns)), np.bool_)
    for row, term in enumerate(terms):
        found = column_of[graph.closure(term)]
        has[row, found[found >= 0]] = True
    values = np.zeros((n_rows, len(query)))
    mica = np.zeros((n_rows, len(query)), np.int32)
    sizes = corpus.closure_sizes[np.asarray(terms, np.int32)]
    for column, term in enumerate(query):
        shared_columns = np.sort(column_of[graph.closure(term)])
        common = has[:, shared_columns]
        content = np.where(common, corpus.ic[columns[shared_columns]], -1.0)
        best = content.argmax(axis=1)
        mica[:, column] = columns[shared_columns[best]]
        n_common = common.sum(axis=1)
        jaccard = n_common / (sizes + corpus.closure_sizes[term] - n_common)
        values[:, column] = np.sqrt(np.maximum(content.max(axis=1), 0.0) * jaccard)
    return Similarity(values=values, mica=mica)


def query_size(corpus: Corpus, profile: Profile) -> QuerySize:
    """Measure a profile's observed terms as a query; all zero for none."""
    terms = np.asarray(profile.observed, np.int32)
    own = np.sqrt(corpus.ic[terms])
    return QuerySize(
        n_terms=len(terms),
        mean_self=float(own.sum() / len(terms)) if len(terms) else 0.0,
        max_self=float(own.max()) if len(terms) else 0.0,
        weight=total_weight(corpus, terms),
    )


def total_weight(corpus: Corpus, terms: NDArray[np.int32]) -> float:
    """Weigh a set of terms: what the closure adds up to, and the exact terms; in nats."""
    return float(corpus.added[closure_of(corpus.graph, terms)].sum() + corpus.ic[terms].sum())


def term_facts(corpus: Corpus, query: Profile, other: Profile) -> TermFacts:
    """Compare one pair of profiles; arrays of shape (1,), zero where either side has no observed term."""
    if not query.observed or not other.observed:
        return TermFacts.nothing(n_terms=len(other.observed), n_contradictions=0)
    table = similarity(corpus, query.observed, other.observed).values
    graph = corpus.graph
    mine, theirs = np.asarray(query.observed, np.int32), np.asarray(other.observed, np.int32)
    common = np.intersect1d(closure_of(graph, mine), closure_of(graph, theirs), assume_unique=True)
    exact = np.intersect1d(mine, theirs, assume_unique=True)
    best_of_query = table.max(axis=0)
    return TermFacts(
        forward=np.array([best_of_query.sum() / len(mine)]),
        backward=np.array([table.max(axis=1).sum() / len(theirs)]),
        strongest=np.array([best_of_query.max()]),
        shared=np.array([corpus.added[common].sum() + corpus.ic[exact].sum()]),
        n_terms=np.array([len(theirs)]),
        weight=np.array([total_weight(corpus, theirs)]),
        n_contradictions=np.array([len(contradictions(corpus, query, other))]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DenseContradiction:
    """An excluded term of one side above (or the same as) observed ones of the other; all dense ids."""

    excluded: int
    observed: tuple[int, ...]
    excluded_by_query: bool


def contradictions(corpus: Corpus, query: Profile, other: Profile) -> list[DenseContradiction]:
    """List the excluded terms that contradict, the query's first, ascending.

    A finding excludes what lies below it and says nothing of what lies above: having no seizures does not contradict
    an abnormality of the nervous system.
    """
    return [
        DenseContradiction(excluded=term, observed=observed, excluded_by_query=excluder is query)
        for excluder, observer in ((query, other), (other, query))
        if may_contradict(excluder, observer)
        for term in excluder.excluded
        if (observed := tuple(t for t in observer.observed if term in corpus.graph.closure(t)))
    ]


def may_contradict(excluder: Profile, observer: Profile) -> bool:
    """Whether the excluding patient was old enough to show what the other has; unknown ages are taken as yes."""
    if excluder.age_stage is None or observer.onset_stage is None:
        return True
    return excluder.age_stage >= observer.onset_stage
