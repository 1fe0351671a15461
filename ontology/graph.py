"""The is_a graph below Phenotypic abnormality, as dense integers: what scoring works on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Terms 0..n_terms-1 in topological order (every parent before its children), so row 0 is the root.

    Attributes
    ----------
    parent_offsets, parents : int32 arrays
        CSR: the parents of term t are `parents[parent_offsets[t]:parent_offsets[t + 1]]`.
    ancestor_offsets, ancestors : int32 arrays
        CSR closure: t itself and all its ancestors, ascending.
    """

    parent_offsets: NDArray[np.int32]
    parents: NDArray[np.int32]
    ancestor_offsets: NDArray[np.int32]
    ancestors: NDArray[np.int32]

    @property
    def n_terms(self) -> int:
        return len(self.parent_offsets) - 1

    def parents_of(self, term_index: int) -> NDArray[np.int32]:
        return self.parents[self.parent_offsets[term_index] : self.parent_offsets[term_index + 1]]

    def closure(self, term_index: int) -> NDArray[np.int32]:
        """The term and all its ancestors, ascending."""
        return self.ancestors[self.ancestor_offsets[term_index] : self.ancestor_offsets[term_index + 1]]

    @classmethod
    def of(cls, parents: Sequence[Sequence[int]]) -> Self:
        """Build from the parents of each term, already in topological order.

        Raises
        ------
        ValueError
            When a parent does not come before its child.
        """
        closures: list[tuple[int, ...]] = []
        for term, its_parents in enumerate(parents):
            if any(p >= term for p in its_parents):
                raise ValueError(f"term {term} stands before one of its parents")
            closures.append(tuple(sorted({term}.union(*(closures[p] for p in its_parents)))))
        parent_offsets, flat_parents = _csr(parents)
        ancestor_offsets, ancestors = _csr(closures)
        return cls(
            parent_offsets=parent_offsets, parents=flat_parents, ancestor_offsets=ancestor_offsets, ancestors=ancestors
        )


def topological_order(parents: Mapping[str, Sequence[str]]) -> list[str]:
    """Order term ids so that every parent comes first; among those that are free, by depth and then id.

    Raises
    ------
    ValueError
        When the graph has a cycle.
    """
    depth: dict[str, int] = {}
    open_: set[str] = set()

    def visit(term: str) -> int:
        if term in depth:
            return depth[term]
        if term in open_:
            raise ValueError(f"{term} is its own ancestor")
        open_.add(term)
        depth[term] = 1 + max((visit(p) for p in parents[term]), default=-1)
        open_.discard(term)
        return depth[term]

    for term in parents:
        visit(term)
    return sorted(parents, key=lambda term: (depth[term], term))


def _csr(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    offsets = np.zeros(len(rows) + 1, np.int32)
    offsets[1:] = np.cumsum([len(row) for row in rows])
    return offsets, np.fromiter((i for row in rows for i in row), np.int32, count=int(offsets[-1]))
