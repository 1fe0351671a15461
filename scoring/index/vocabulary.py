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
    """

    used: NDArray[np.int32]
    live: NDArray[np.int32]

    @classmethod
    def of(cls, used: Iterable[int], graph: Graph) -> Vocabulary:
        return Vocabulary.empty().more(np.fromiter(used, np.int32), graph)

    @classmethod
    def empty(cls) -> Vocabulary:
        return cls(used=np.zeros(0, np.int32), live=np.zeros(0, np.int32))

    def more(self, terms: NDArray[np.int32], graph: Graph) -> Vocabulary:
        """With more terms; itself when it has them all."""
        marked = np.zeros(graph.n_terms, np.bool_)
        marked[self.used] = True
        if marked[terms].all():
            return self
        marked[terms] = True
        used = np.flatnonzero(marked).astype(np.int32)
        starts, ends = graph.ancestor_offsets[used].astype(np.int64), graph.ancestor_offsets[used + 1]
        after = np.cumsum(ends - starts)
        marked[graph.ancestors[np.repeat(ends - after, ends - starts) + np.arange(after[-1])]] = True
        return Vocabulary(used=used, live=np.flatnonzero(marked).astype(np.int32))
