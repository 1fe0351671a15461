"""What two cases have in common, without numbers: as much of an explanation as other nodes are told.

An explanation divides a score among its parts; this names the parts alone, and is some ten times faster.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import TermId
from scoring.corpus import Corpus
from scoring.explanation import PARTNER_IC
from scoring.phenotype import contradicted
from scoring.profile import Profile
from scoring.scorer import Prepared, Scorer
from scoring.shared_gene import SharedGene

CommonTerms = Callable[[Corpus, NDArray[np.int32], NDArray[np.int32], float], list[int]]
_ROOT = 0
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonGround:
    """What two cases share, and what contradicts.

    Attributes
    ----------
    terms : the common ancestors of the best pairs of terms, none above another, the most informative first
    contradictions : excluded terms of either side that the other has, or has below; the query's first
    """

    terms: tuple[TermId, ...] = ()
    contradictions: tuple[TermId, ...] = ()
    genes: tuple[SharedGene, ...] = ()


def common_ground(scorer: Scorer, query: Prepared, other: Profile) -> CommonGround:
    """Name what `scorer.explain` would explain."""
    corpus = scorer.corpus
    mine, theirs = np.array(query.profile.observed, np.int32), np.array(other.observed, np.int32)
    common = _fastest()(corpus, mine, theirs, PARTNER_IC)
    contradicting = (*contradicted(corpus, query.profile, other), *contradicted(corpus, other, query.profile))
    return CommonGround(
        terms=_named(tuple(common), scorer),
        contradictions=tuple(dict.fromkeys(corpus.term_ids[term] for term in contradicting)),
        genes=scorer.shared_genes(query, other),
    )


def most_specific(terms: Iterable[int], corpus: Corpus) -> tuple[int, ...]:
    """Drop the root and what lies above another of the terms; the most informative first, equal ones by id.

    Examples
    --------
    >>> from ontology.graph import Graph
    >>> corpus = Corpus.of_graph(Graph.of([[], [0], [1], [0]]), ic=np.array([0, 1, 2, 3.0]), release="", term_ids=())
    >>> most_specific([0, 1, 2, 3], corpus)
    (3, 2)
    """
    given = set(terms)
    above = set().union(*map(corpus.above, given))
    return tuple(sorted(given - above - {_ROOT}, key=lambda term: (-float(corpus.ic[term]), term)))


@lru_cache(maxsize=_REMEMBERED)
def _named(common: tuple[int, ...], scorer: Scorer) -> tuple[TermId, ...]:
    """The ids of the most specific; cases of one disease have the same in common with a query."""
    return tuple(scorer.corpus.term_ids[term] for term in most_specific(common, scorer.corpus))


@cache
def _fastest() -> CommonTerms:
    """The compiled comparison; the plain one where numba is missing."""
    try:
        found: CommonTerms = importlib.import_module("scoring.index.kernels").common_terms
    except ImportError:
        found = importlib.import_module("scoring.index.plain").common_terms
    return found
