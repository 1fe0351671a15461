"""Rows of several segments as if they stood in one: numbered through, each where it lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.index.cases import Lists
from scoring.index.rows import Picked, Rows, Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One number per row; rows are asked for by their numbers."""

    table: Table
    name: str

    def __getitem__(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        return self.table.gathered(rows, lambda part, its: part.columns[self.name][its])


@dataclass(frozen=True, slots=True)
class Table:
    """Parts after one another. What is in them never changes, but for `died`."""

    parts: tuple[Rows, ...]

    def __len__(self) -> int:
        return sum(part.n for part in self.parts)

    def __getattr__(self, name: str) -> Column:
        return Column(table=self, name=name)

    def placed(self) -> Iterator[tuple[Rows, int]]:
        """Each part that has rows, with the number of its first row."""
        start = 0
        for part in self.parts:
            if part.n:
                yield part, start
            start += part.n

    def gathered(
        self, rows: NDArray[np.int64], take: Callable[[Rows, NDArray[np.int64]], NDArray[Any]]
    ) -> NDArray[Any]:
        """What `take` gives for rows of each part, in the order of `rows`."""
        placed = list(self.placed())
        if len(placed) < 2 or not len(rows):
            return take(placed[0][0] if placed else self.parts[0], rows)
        part_of = np.searchsorted([start for _, start in placed], rows, side="right") - 1
        places = [np.flatnonzero(part_of == number) for number in range(len(placed))]
        values = [take(part, rows[its] - start) for (part, start), its in zip(placed, places, strict=True)]
        found = np.empty(len(rows), values[0].dtype)
        for its, taken in zip(places, values, strict=True):
            found[its] = taken
        return found

    def item(self, name: str, row: int) -> NDArray[Any]:
        """The list of one row."""
        for part in self.parts:
            if row < part.n:
                return part.item(name, row)
            row -= part.n
        raise IndexError(row)

    def visible(self, where: Where, rows: NDArray[np.int64] | None = None) -> NDArray[np.bool_]:
        """Which of these rows (all of them) a search may see; the compiled search does the same by itself."""
        if rows is None:
            return np.concatenate([np.zeros(0, np.bool_), *(part.visible(where) for part in self.parts)])
        return self.gathered(rows, lambda part, its: part.visible(where, its))

    def lists(self, name: str, rows: NDArray[np.int64]) -> Lists:
        """The lists of some rows."""
        if len(self.parts) == 1:
            return self.parts[0].lists(name, rows)
        lengths = self.gathered(rows, lambda part, its: part.lengths(name, its))
        offsets = np.zeros(len(rows) + 1, np.int32)
        np.cumsum(lengths, out=offsets[1:])
        values = np.empty(offsets[-1], np.uint16)
        for part, start in self.placed():
            its = np.flatnonzero((rows >= start) & (rows < start + part.n))
            if len(its):
                some = part.lists(name, rows[its] - start)
                places = np.repeat(offsets[its] - some.offsets[:-1], np.diff(some.offsets))
                values[places + np.arange(some.offsets[-1])] = some.values
        return Lists(offsets=offsets, values=values)

    def pick(self, rows: NDArray[np.int64], closures: Callable[[Lists], Lists], n_terms: int) -> Picked:
        """Take rows out for a scan in full precision; of a closure no more is needed than what a query asks for."""
        observed = self.lists("terms", rows)
        marked = np.zeros(n_terms, np.bool_)
        marked[observed.values] = True
        used = np.flatnonzero(marked).astype(np.int32)
        local = np.empty(n_terms, np.uint16)
        local[used] = np.arange(len(used), dtype=np.uint16)
        return Picked(
            used=used,
            terms=Lists(offsets=observed.offsets, values=local[observed.values]),
            closures=closures(observed),
            excluded=self.lists("excluded", rows),
            weights=self.weights[rows],
            contents=self.contents[rows],
            ages=self.ages[rows],
            onsets=self.onsets[rows],
        )
