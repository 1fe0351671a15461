"""Rows of several segments as if they stood in one: numbered through, each where it lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.index.cases import Lists
from scoring.index.rows import Picked, Rows, Where, taken


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

    def split(self, rows: NDArray[np.int64]) -> Split:
        """Sort rows by the part that they lie in."""
        placed = list(self.placed())
        if len(placed) < 2 or not len(rows):
            return Split(parts=[(placed[0][0] if placed else self.parts[0], rows)], back=None)
        part_of = np.searchsorted([start for _, start in placed], rows, side="right") - 1
        back = None
        if (part_of[1:] < part_of[:-1]).any():
            order = np.argsort(part_of, kind="stable")
            rows, part_of = rows[order], part_of[order]
            back = np.empty(len(order), np.int64)
            back[order] = np.arange(len(order))
        ends = np.searchsorted(part_of, np.arange(len(placed)), side="right").tolist()
        cuts = zip(placed, [0, *ends], ends, strict=False)
        return Split(parts=[(part, rows[i:j] - start) for (part, start), i, j in cuts if i < j], back=back)

    def gathered(
        self, rows: NDArray[np.int64], take: Callable[[Rows, NDArray[np.int64]], NDArray[Any]]
    ) -> NDArray[Any]:
        """What `take` gives for rows of each part, in the order of `rows`."""
        return self.split(rows).gathered(take)

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
        return self.split(rows).lists(name)

    def pick(self, rows: NDArray[np.int64], closures: Callable[[Lists], Lists], n_terms: int) -> Picked:
        """Take rows out for a scan in full precision; of a closure no more is needed than what a query asks for."""
        split = self.split(rows)
        observed = split.lists("terms")
        marked = np.zeros(n_terms, np.bool_)
        marked[observed.values] = True
        used = np.flatnonzero(marked).astype(np.int32)
        local = np.empty(n_terms, np.uint16)
        local[used] = np.arange(len(used), dtype=np.uint16)
        return Picked(
            used=used,
            terms=Lists(offsets=observed.offsets, values=local[observed.values]),
            closures=closures(observed),
            excluded=split.lists("excluded"),
            weights=split.column("weights"),
            contents=split.column("contents"),
            divisors=split.column("divisors"),
            ages=split.column("ages"),
            onsets=split.column("onsets"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Some rows, each with the part that it lies in; `back` puts what is gathered into their order, if that differs."""

    parts: list[tuple[Rows, NDArray[np.int64]]]
    back: NDArray[np.int64] | None

    def gathered(self, take: Callable[[Rows, NDArray[np.int64]], NDArray[Any]]) -> NDArray[Any]:
        """What `take` gives for the rows of each part."""
        found = [take(part, its) for part, its in self.parts]
        one = found[0] if len(found) == 1 else np.concatenate(found)
        return one if self.back is None else one[self.back]

    def column(self, name: str) -> NDArray[Any]:
        """One number per row."""
        return self.gathered(lambda part, its: part.columns[name][its])

    def lists(self, name: str) -> Lists:
        """The list of each row."""
        found = [part.lists(name, its) for part, its in self.parts]
        if len(found) == 1:
            one = found[0]
        else:
            lengths = np.concatenate([np.zeros(1, np.int32), *(np.diff(some.offsets) for some in found)])
            one = Lists(offsets=np.cumsum(lengths, dtype=np.int32), values=np.concatenate([s.values for s in found]))
        return one if self.back is None else taken(one.offsets, one.values, self.back)
