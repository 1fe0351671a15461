"""Every finding of one case beside every finding of another, for a picture: what each two of them say together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import TermId
from scoring.corpus import Corpus
from scoring.phenotype import similarity
from scoring.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """All pairs of observed findings.

    Attributes
    ----------
    query, match : the findings of either side
    values : float64 array of shape (n_query, n_match)
        How much two findings say together, as a part of the most that one finding of these cases can say, in [0, 1].
    mica : tuple of tuples of the same shape
        The most specific finding that covers both.
    """

    query: tuple[TermId, ...]
    match: tuple[TermId, ...]
    values: NDArray[np.float64]
    mica: tuple[tuple[TermId, ...], ...]


def grid(corpus: Corpus, query: Profile, match: Profile) -> Grid:
    """Compare every observed finding of one side with every one of the other; either side may be empty."""
    table = similarity(corpus, query.observed, match.observed)
    every = [*query.observed, *match.observed]
    most = float(np.sqrt(corpus.ic[every].max())) if every else 0.0  # of a finding with itself
    values = table.values.T / most if most > 0.0 else np.zeros_like(table.values.T)
    ids = corpus.term_ids
    return Grid(
        query=tuple(ids[term] for term in query.observed),
        match=tuple(ids[term] for term in match.observed),
        values=np.clip(values, 0.0, 1.0),
        mica=tuple(tuple(ids[int(term)] for term in row) for row in table.mica.T),
    )
