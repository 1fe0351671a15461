"""The terms that the cases of a store have, and those above them: what a query's tables are filled in for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ontology.graph import Graph


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Dense term ids, ascending, so that parents come first.

    Attributes
    ----------
    used : int32 array
        The terms that any case has.
    live : int32 array
        These and all terms above them.
    marks : bool array of shape (n_terms,)
        Which terms are used.
    """

    used: NDArray[np.int32]
    live: NDArray[np.int32]
    marks: NDArray[np.bool_]

    @classmethod
    def empty(cls, graph: Graph) -> Vocabulary:
        nothing = np.zeros(0, np.int32)
        return cls(used=nothing, live=nothing, marks=np.zeros(graph.n_terms, np.bool_))

    def has(self, terms: Iterable[int]) -> bool:
        """Whether all these terms are used; of a few terms sooner known than by numpy."""
        marks = self.marks.data
        return all(marks[term] for term in terms)

    def more(self, terms: NDArray[np.int32], graph: Graph) -> Vocabulary:
        """With more terms; itself when it has them all."""
        if self.marks[terms].all():
            return self
        marks = self.marks.copy()
        marks[terms] = True
        used = np.flatnonzero(marks).astype(np.int32)
        live = np.zeros(graph.n_terms, np.bool_)
        live[graph.ancestors[np.repeat(marks, np.diff(graph.ancestor_offsets))]] = True
        return Vocabulary(used=used, live=np.flatnonzero(live).astype(np.int32), marks=marks)
