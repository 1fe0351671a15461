"""The scan in numpy alone: the oracle of the compiled one, and what runs where numba is missing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import GeneId
from scoring.combination import TermFacts
from scoring.corpus import Corpus
from scoring.index.cases import UNKNOWN_STAGE, Block, Lists
from scoring.index.rows import Picked
from scoring.information_content import closure_of
from scoring.phenotype import similarity, total_weight
from scoring.profile import Profile


def scan(block: Block | Picked, corpus: Corpus, query: Profile, wanted: NDArray[np.bool_]) -> TermFacts:
    """Compare a query with every wanted case of a block; the facts of the others are zero.

    Parameters
    ----------
    query : Profile
        With at least one observed term.
    wanted : bool array of shape (n_cases,)
    """
    n_terms = np.diff(block.terms.offsets).astype(np.int64)
    similar_terms = similarity(corpus, query.observed, block.used.tolist())
    table, sharp = similar_terms.values, similar_terms.sharp
    forward, backward, strongest, nearly = (np.zeros(len(block)) for _ in range(4))
    for row in np.flatnonzero(wanted & (n_terms > 0)):
        terms = block.terms.values[block.terms.offsets[row] : block.terms.offsets[row + 1]]
        similar = table[terms]
        best = similar.max(axis=0)
        forward[row] = best.sum() / len(query.observed)
        backward[row] = similar.max(axis=1).sum() / n_terms[row]
        strongest[row] = best.max()
        nearly[row] = sharp[terms].max(axis=0).sum()
    closure = np.zeros(corpus.graph.n_terms)
    own = closure_of(corpus.graph, np.asarray(query.observed, np.int32))
    closure[own] = corpus.added[own]
    exact = np.where(np.isin(block.used, query.observed), corpus.ic[block.used], 0.0)
    shared = _sums(block.closures, closure) + _sums(block.terms, exact)
    return TermFacts(
        forward=forward,
        backward=backward,
        strongest=strongest,
        exact=nearly,
        shared=np.where(wanted, shared, 0.0),
        n_terms=n_terms,
        weight=block.weights,
        content=block.contents,
        n_contradictions=_contradictions(block, corpus, query, own),
    )


def explain(corpus: Corpus, gene: GeneId, lists: Lists) -> NDArray[np.float64]:
    """How much of the findings of each case a gene explains; nan where that is not known."""
    shares = [corpus.explained(gene, tuple(lists.values[a:b].tolist())) for a, b in pairwise(lists.offsets.tolist())]
    return np.array([np.nan if share is None else share for share in shares], np.float64)


def measure(corpus: Corpus, lists: Lists) -> tuple[Lists, NDArray[np.float64], NDArray[np.float64]]:
    """Gather the closure of each list of dense terms, what it weighs with the terms, and what the terms say (nats)."""
    offsets = lists.offsets.tolist()
    terms = [lists.values[a:b].astype(np.int32) for a, b in pairwise(offsets)]
    closures = [closure_of(corpus.graph, some) for some in terms]
    weights = [total_weight(corpus, some) for some in terms]
    contents = [float(corpus.ic[some].sum()) for some in terms]
    return Lists.of(closures), np.array(weights, np.float64), np.array(contents, np.float64)


def common_terms(corpus: Corpus, query: NDArray[np.int32], case: NDArray[np.int32], least_ic: float) -> list[int]:
    """Name the common ancestors of the best pairs of two lists of terms, as dense ids, ascending.

    Parameters
    ----------
    least_ic : float
        Ancestors of less information content (nats) are left out unless there are no others.
    """
    if not len(query) or not len(case):
        return []
    table = similarity(corpus, query.tolist(), case.tolist())
    rows, columns = np.arange(len(case)), np.arange(len(query))
    of_query, of_case = table.values.argmax(axis=0), table.values.argmax(axis=1)
    values = np.concatenate([table.values[of_query, columns], table.values[rows, of_case]])
    micas = np.concatenate([table.mica[of_query, columns], table.mica[rows, of_case]])[values > 0.0]
    telling = micas[corpus.ic[micas] >= least_ic]
    found: list[int] = np.unique(telling if len(telling) else micas).tolist()
    return found


def _contradictions(
    block: Block | Picked, corpus: Corpus, query: Profile, closure: NDArray[np.int32]
) -> NDArray[np.int64]:
    in_closure, excluded = np.zeros(corpus.graph.n_terms), np.zeros(corpus.graph.n_terms)
    in_closure[closure] = 1.0
    excluded[list(query.excluded)] = 1.0
    age, onset = query.age_stage, query.onset_stage
    by_query = np.ones(len(block)) if age is None else (block.onsets == UNKNOWN_STAGE) | (block.onsets <= age)
    by_case = np.ones(len(block)) if onset is None else (block.ages == UNKNOWN_STAGE) | (block.ages >= onset)
    # What a case excludes counts only beside observed terms of its own, as in a comparison of two profiles.
    has_terms = np.diff(block.terms.offsets) > 0
    found = _sums(block.closures, excluded) * by_query + _sums(block.excluded, in_closure) * by_case
    return (found * has_terms).astype(np.int64)


def _sums(lists: Lists, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up a value per list entry; 0 for an empty list."""
    rows = np.repeat(np.arange(len(lists.offsets) - 1), np.diff(lists.offsets))
    return np.bincount(rows, weights=values[lists.values], minlength=len(lists.offsets) - 1).astype(np.float64)
