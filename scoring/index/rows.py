"""Cases as columns of numbers: what a search reads, in memory or from a file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import GeneId, Sharing
from scoring.corpus import Corpus
from scoring.index.cases import Filter, Lists

# Closures of lists of dense terms, what each weighs with its terms, and what the terms say; in nats.
Measure = Callable[[Corpus, Lists], tuple[Lists, NDArray[np.float64], NDArray[np.float64]]]
# How much of the findings of each list a gene explains, nan where not known.
Explain = Callable[[Corpus, GeneId, Lists], NDArray[np.float64]]
WIDTH = {level: row for row, level in enumerate(Sharing)}
FOR_EVER = 2**32 - 1
NOBODY = 0
SPAN = 256  # cases that are bounded together, and of which the largest bound is kept

# The columns with one number per case, and their types on disk and in memory.
PER_CASE: dict[str, Any] = {
    "weights": np.float64,  # of closure and list, nats
    "contents": np.float64,  # of the list, nats
    "rough_weights": np.float32,
    "spreads": np.float32,  # (content + offset) to the negative power that coverage is divided by
    "inverses": np.float32,  # 1 / divisor
    "divisors": np.float64,
    "ages": np.int8,
    "onsets": np.int8,
    "sharing": np.int8,
    "test": np.bool_,
    "species": np.int32,
    "owners": np.int64,
    "families": np.int64,
    "n_candidates": np.int32,
    "genotype": np.int8,  # see `scoring.index.genotypes`
    "died": np.uint32,
}
# Lists per case: offsets (int32, one more than cases) and values.
PER_LIST: dict[str, Any] = {"terms": np.uint16, "excluded": np.uint16, "case_ids": np.uint8, "profiles": np.uint8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A filter as the numbers that columns hold; -1 and NOBODY ask for nothing."""

    sharing: int
    owner: int
    test: int
    species: int
    not_owner: int
    not_family: int
    now: int

    @classmethod
    def of(cls, where: Filter, *, secret: bytes, now: int) -> Where:
        return cls(
            sharing=WIDTH[where.sharing],
            owner=name_number(where.owner, secret),
            test=-1 if where.test is None else int(where.test),
            species=species_number(where.species),
            not_owner=name_number(where.exclude_owner, secret),
            not_family=name_number(where.exclude_family, secret),
            now=now,
        )

    @property
    def numbers(self) -> tuple[int, ...]:
        return (self.sharing, self.owner, self.test, self.species, self.not_owner, self.not_family, self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """Some cases with all that a scan reads of them; see `scoring.index.cases.Block`."""

    used: NDArray[np.int32]
    terms: Lists
    closures: Lists
    excluded: Lists
    weights: NDArray[np.float64]
    contents: NDArray[np.float64]
    divisors: NDArray[np.float64]
    ages: NDArray[np.int8]
    onsets: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The first `n` rows of columns. What is in them never changes, but for `died`: when a row was replaced."""

    n: int
    columns: dict[str, NDArray[Any]]

    def __len__(self) -> int:
        return self.n

    def __getattr__(self, name: str) -> NDArray[Any]:
        return self.columns[name][: self.n]

    def offsets(self, name: str) -> NDArray[np.int32]:
        return self.columns[f"{name}_offsets"][: self.n + 1]

    def values(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def item(self, name: str, row: int) -> NDArray[Any]:
        offsets = self.columns[f"{name}_offsets"]
        return self.columns[name][offsets[row] : offsets[row + 1]]

    def used_columns(self) -> list[NDArray[Any]]:
        """All columns that a search reads, as far as they are in use."""
        names = ("terms", "excluded")
        lists = [self.values(name)[: int(self.offsets(name)[-1])] for name in names]
        return [*(self.columns[name][: self.n] for name in PER_CASE), *(self.offsets(name) for name in names), *lists]

    def visible(self, where: Where, rows: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.bool_]:
        """Which of these rows (all of them) a search may see; the compiled search does the same by itself."""
        owners = self.owners[rows]
        seen = self.sharing[rows] >= where.sharing
        if where.owner != NOBODY:
            seen |= owners == where.owner
        seen &= self.died[rows] > where.now
        if where.test >= 0:
            seen &= self.test[rows] == bool(where.test)
        if where.species >= 0:
            seen &= self.species[rows] == where.species
        if where.not_owner != NOBODY:
            seen &= owners != where.not_owner
        if where.not_family != NOBODY:
            seen &= self.families[rows] != where.not_family
        return np.asarray(seen, np.bool_)

    def lists(self, name: str, rows: NDArray[np.int64]) -> Lists:
        """The lists of some rows."""
        return taken(self.offsets(name), self.values(name), rows)

    def lengths(self, name: str, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """How long the lists of some rows are."""
        offsets = self.columns[f"{name}_offsets"]
        return np.asarray(offsets[rows + 1] - offsets[rows], np.int32)


def taken(offsets: NDArray[np.int32], values: NDArray[Any], rows: NDArray[np.int64]) -> Lists:
    """Some of many lists that stand one behind the other."""
    starts = offsets[rows]
    lengths = offsets[rows + 1] - starts
    ends = np.zeros(len(rows) + 1, np.int32)
    np.cumsum(lengths, out=ends[1:])
    places = np.repeat(starts.astype(np.int64) - ends[:-1], lengths) + np.arange(ends[-1])
    return Lists(offsets=ends, values=values[places].astype(np.uint16, copy=False))


def name_number(name: str | None, secret: bytes) -> int:
    """A number that stands for a name and tells it to nobody without the secret; NOBODY for none."""
    return NOBODY if name is None else _digest(name, secret)


def species_number(species: str | None) -> int:
    """A number for a species; -1 for any."""
    return -1 if species is None else _digest(species, b"") & 0x7FFFFFFF


@lru_cache(maxsize=65536)
def _digest(text: str, secret: bytes) -> int:
    packed = hashlib.blake2b(text.encode(), digest_size=8, key=secret[:64]).digest()
    return (int.from_bytes(packed, "little") >> 1) or 1
