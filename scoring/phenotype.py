"""How alike two sets of observed terms are, term by term.

`s(t, u) = sqrt(IC(mica) * |closure(t) and closure(u)| / |closure(t) or closure(u)|)`, over terms under Phenotypic
abnormality: the geometric mean of Resnik's and Jaccard's similarity, PhenoDigm's (Smedley et al., Database 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import CaseId
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
    sharp : float64 array of the same shape
        IC(mica) times the fourth power of the shared part of the closures, in nats: near nothing but for the term
        itself and its next neighbours.
    """

    values: NDArray[np.float64]
    mica: NDArray[np.int32]
    sharp: NDArray[np.float64]


def similarity(corpus: Corpus, query: Sequence[int], terms: Sequence[int]) -> Similarity:
    """Compare every term with every term of the query; both are dense ids, and either may be empty.

    Notes
    -----
    numpy only: the index's kernels do the same for many cases, and fall back to this.
    """
    # The ancestors of the query's terms, the most informative first; of equal ones the last in topological order.
    columns = closure_of(corpus.graph, np.asarray(query, np.int32))
    columns = columns[np.lexsort((-columns, -corpus.ic[columns]))]
    if not len(query) or not len(terms):
        shape = (len(terms), len(query))
        return Similarity(values=np.zeros(shape), mica=np.zeros(shape, np.int32), sharp=np.zeros(shape))
    theirs, mine = _closure_table(corpus, terms, columns), _closure_table(corpus, query, columns)
    mica = np.empty((len(terms), len(query)), np.int32)
    for row, has in enumerate(theirs):
        mica[row] = columns[(mine & has).argmax(axis=1)]
    n_common = theirs.astype(np.float32) @ mine.T.astype(np.float32)
    sizes = corpus.closure_sizes
    n_either = sizes[np.asarray(terms)][:, None] + sizes[np.asarray(query)] - n_common.astype(np.float64)
    overlap = n_common / n_either
    values = np.sqrt(corpus.ic[mica] * overlap)
    return Similarity(values=values, mica=mica, sharp=corpus.ic[mica] * (overlap * overlap) ** 2)


def _closure_table(corpus: Corpus, terms: Sequence[int], columns: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Mark which of the columns each term has in its closure, as bool array of shape (n_terms, n_columns)."""
    closures = [corpus.graph.closure(term) for term in terms]
    column_of = np.full(corpus.graph.n_terms, len(columns), np.int32)
    column_of[columns] = np.arange(len(columns), dtype=np.int32)
    table = np.zeros((len(terms), len(columns) + 1), np.bool_)  # the last column is for what is none of them
    rows = np.repeat(np.arange(len(terms)), [len(closure) for closure in closures])
    table[rows, column_of[np.concatenate(closures)]] = True
    return table[:, :-1]


def query_size(corpus: Corpus, profile: Profile) -> QuerySize:
    """Measure a profile's observed terms as a query; all zero for none."""
    terms = np.asarray(profile.observed, np.int32)
    own = np.sqrt(corpus.ic[terms])
    return QuerySize(
        n_terms=len(terms),
        mean_self=float(own.sum() / len(terms)) if len(terms) else 0.0,
        max_self=float(own.max()) if len(terms) else 0.0,
        weight=total_weight(corpus, terms),
        content=float(corpus.ic[terms].sum()),
    )


def total_weight(corpus: Corpus, terms: NDArray[np.int32]) -> float:
    """Weigh a set of terms: what the closure adds up to, and the exact terms; in nats."""
    return float(corpus.added[closure_of(corpus.graph, terms)].sum() + corpus.ic[terms].sum())


def term_facts(
    corpus: Corpus, query: Profile, other: Profile, *, table: Similarity, n_contradictions: int
) -> TermFacts:
    """Compare one pair of profiles; arrays of shape (1,), zero where either side has no observed term.

    Parameters
    ----------
    table : Similarity
        Of the other's observed terms with the query's.
    n_contradictions : int
        How many `contradictions` they have.
    """
    if not query.observed or not other.observed:
        return TermFacts.nothing(n_terms=len(other.observed), n_contradictions=0)
    graph = corpus.graph
    mine, theirs = np.asarray(query.observed, np.int32), np.asarray(other.observed, np.int32)
    common = np.intersect1d(closure_of(graph, mine), closure_of(graph, theirs), assume_unique=True)
    exact = np.intersect1d(mine, theirs, assume_unique=True)
    best_of_query = table.values.max(axis=0)
    return TermFacts(
        forward=np.array([best_of_query.sum() / len(mine)]),
        backward=np.array([table.values.max(axis=1).sum() / len(theirs)]),
        strongest=np.array([best_of_query.max()]),
        exact=np.array([table.sharp.max(axis=0).sum()]),
        shared=np.array([corpus.added[common].sum() + corpus.ic[exact].sum()]),
        n_terms=np.array([len(theirs)]),
        weight=np.array([total_weight(corpus, theirs)]),
        content=np.array([corpus.ic[theirs].sum()]),
        n_contradictions=np.array([n_contradictions]),
    )


def pair_facts(
    corpus: Corpus, query: tuple[int, ...], other: tuple[int, ...], *, size: QuerySize, n_contradictions: int
) -> TermFacts:
    """Compare two lists as `scoring.index.pairs.pair_facts` does, without compiled code; `size` is the other's."""
    one, two = (Profile(case_id=CaseId(""), release=corpus.release, observed=terms) for terms in (query, other))
    table = similarity(corpus, query, other)
    return term_facts(corpus, one, two, table=table, n_contradictions=n_contradictions)


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
    found = []
    for excluder, observer in ((query, other), (other, query)):
        if not excluder.excluded or not may_contradict(excluder, observer):
            continue
        below: dict[int, list[int]] = {}
        for observed in observer.observed:
            for above in corpus.graph.closure(observed).tolist():
                below.setdefault(above, []).append(observed)
        found += [
            DenseContradiction(excluded=term, observed=tuple(below[term]), excluded_by_query=excluder is query)
            for term in excluder.excluded
            if term in below
        ]
    return found


def contradicted(corpus: Corpus, excluder: Profile, observer: Profile) -> tuple[int, ...]:
    """The excluded terms of one side that the other has, or has below, ascending: `contradictions` without the rest."""
    if not excluder.excluded or not observer.observed or not may_contradict(excluder, observer):
        return ()
    excluded = set(excluder.excluded)
    found = excluded.intersection(observer.observed)
    for above in map(corpus.above, observer.observed):
        if not excluded.isdisjoint(above):
            found |= excluded & above
    return tuple(sorted(found))


def may_contradict(excluder: Profile, observer: Profile) -> bool:
    """Whether the excluding patient was old enough to show what the other has; unknown ages are taken as yes."""
    if excluder.age_stage is None or observer.onset_stage is None:
        return True
    return excluder.age_stage >= observer.onset_stage
