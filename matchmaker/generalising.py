"""Terms made less exact, until what they say is no longer peculiar to a few diseases.

Terms in and out are dense ids of the corpus' graph; the root, which says nothing, is never among the results.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from scoring.common_ground import most_specific
from scoring.corpus import Corpus


def triage_terms(observed: Iterable[int], corpus: Corpus, *, max_ic: float, at_most: int) -> tuple[int, ...]:
    """Sum a case up in terms that are nobody's own: each raised to its most informative ancestor of `max_ic` or less.

    The most informative come first, equal ones by id; what lies above another of the set is left out.

    Parameters
    ----------
    max_ic : float
        In nats; see `ic_carried_by`.
    """
    raised = most_specific({_raised(term, corpus, max_ic) for term in observed}, corpus)
    return raised[:at_most]


def ic_carried_by(n_diseases: int, *, of: int) -> float:
    """The information content, in nats, of a term that `n_diseases` of the corpus' annotated diseases have.

    Parameters
    ----------
    of : int
        How many annotated diseases the corpus has; where that is fewer, only the root is carried by enough.
    """
    # A hair above, so that the logarithm of a count does not decide.
    return max(0.0, float(np.log(max(of, 1) / n_diseases))) + 1e-9


def _raised(term: int, corpus: Corpus, max_ic: float) -> int:
    found: set[int] = set()
    open_ = {term}
    while open_:
        reached = {t for t in open_ if corpus.ic[t] <= max_ic}
        found |= reached
        open_ = {p for t in open_ - reached for p in corpus.graph.parents_of(t).tolist()}
    return min(found, key=lambda t: (-float(corpus.ic[t]), t))
