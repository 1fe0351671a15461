"""The terms that the cases of a store have, and those above them: what a query's tables are filled in for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ontology.graph import Graph
from scoring.index.rows import taken


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

    def more(self, terms: Iterable[int], graph: Graph) -> Vocabulary:
        """With more terms; itself when it has them all, which of a few is sooner known than by numpy."""
        known = self.marks.data
        new = [term for term in terms if not known[term]]
        return self.including(np.array(new, np.int32), graph) if new else self

    def including(self, terms: NDArray[np.int32], graph: Graph) -> Vocabulary:
        """With these terms."""
        marks, live = self.marks.copy(), np.zeros(graph.n_terms, np.bool_)
        marks[terms] = live[self.live] = True
        live[taken(graph.ancestor_offsets, graph.ancestors, np.flatnonzero(marks & ~self.marks)).values] = True
        used, above = np.flatnonzero(marks), np.flatnonzero(live)
        return Vocabulary(used=used.astype(np.int32), live=above.astype(np.int32), marks=marks)
