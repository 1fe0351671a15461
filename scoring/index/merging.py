"""Several segments and the tail become one segment: which of them, and what its file holds.

Segments grow in tiers, each several times as large as all newer ones together, so that there are few of them and a case
is written again a few times in all. Cases stand in the order of how many terms they have: loops over them are then the
same from case to case, which a processor foresees.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.index.rows import FOR_EVER, PER_LIST, Rows
from scoring.index.spelling import encode
from scoring.index.stored import Stored, columns_of_file, groups_of, lookups_of, number_of
from scoring.index.tail import Tail

_TIER = 4  # how much larger a segment is than all newer ones together
_MOST = 4_000_000  # cases of one segment; offsets into its profiles are of 32 bits
_AT_ONCE = 65_536
Filed = tuple[NDArray[np.uint64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Cases that are to stand in a new segment: rows that live at a moment, and what they are found by."""

    rows: Rows
    living: NDArray[np.int64]
    id_numbers: NDArray[np.uint64]
    filed: Filed

    @classmethod
    def stored(cls, segment: Stored, *, now: int) -> Source:
        return cls(
            rows=segment.rows,
            living=np.flatnonzero(segment.rows.died > now),
            id_numbers=segment.id_numbers(),
            filed=segment.filed(),
        )

    @classmethod
    def tail(cls, tail: Tail, rows: Rows, *, now: int) -> Source:
        """The first rows of a tail, which may go on growing meanwhile."""
        living = np.flatnonzero(rows.died > now)
        alive = set(living.tolist())
        profiles = tail.profiles[: rows.n]
        names = [profile.case_id.encode() for profile in profiles]
        spelled = [encode(profile) if row in alive else b"" for row, profile in enumerate(profiles)]
        columns = {**rows.columns, **_flat("case_ids", names), **_flat("profiles", spelled)}
        postings = [(number_of(key), np.array(its, np.int64)) for key, its in list(tail.postings.items())]
        known = [(number, its[its < rows.n]) for number, its in postings]
        return cls(
            rows=Rows(n=rows.n, columns=columns),
            living=living,
            id_numbers=np.fromiter((number_of(profile.case_id) for profile in profiles), np.uint64, count=rows.n),
            filed=(
                np.repeat(np.array([n for n, _ in known], np.uint64), [len(its) for _, its in known]),
                np.concatenate([np.zeros(0, np.int64), *(its for _, its in known)]),
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What the file of a new segment holds, and where each row of each source stands in it; -1: it is dead."""

    n: int
    groups: dict[str, dict[str, NDArray[Any]]]
    places: list[NDArray[np.int64]]


def chosen(stored: Sequence[Stored], *, n_added: int, gone: Collection[str]) -> list[Stored]:
    """Which segments to merge with the tail: not much larger than what is newer, with many dead, or to be cleaned."""
    dead = {segment.name: _n_dead(segment) for segment in stored}
    found = {s.name for s in stored if s.name in gone or 4 * dead[s.name] > len(s)}
    n_newer = n_added + sum(len(s) - dead[s.name] for s in stored if s.name in found)
    for segment in reversed(stored):
        size = len(segment) - dead[segment.name]
        if segment.name not in found and size < _TIER * n_newer and size + n_newer <= _MOST:
            found.add(segment.name)
            n_newer += size
    return [segment for segment in stored if segment.name in found]


def merged(sources: Sequence[Source]) -> Merged:
    """Put what lives of several sources into one order."""
    lengths = [source.rows.lengths("terms", source.living) for source in sources]
    order = np.argsort(np.concatenate([np.zeros(0, np.int32), *lengths]), kind="stable")
    columns = {
        name: np.concatenate([source.rows.columns[name][source.living] for source in sources])[order]
        for name in columns_of_file()
        if name not in PER_LIST and not name.endswith("_offsets")
    }
    for name in PER_LIST:
        columns |= _lists(sources, name, order)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    places, start = [], 0
    for source in sources:
        place = np.full(source.rows.n, -1, np.int64)
        place[source.living] = rank[start : start + len(source.living)]
        places.append(place)
        start += len(source.living)
    filed = [_moved(source.filed, place) for source, place in zip(sources, places, strict=True)]
    numbers = np.concatenate([np.zeros(0, np.uint64), *(s.id_numbers[s.living] for s in sources)])[order]
    used = np.unique(columns["terms"]).astype(np.int32)
    return Merged(n=len(order), groups=groups_of(columns, lookups_of(numbers, used, filed)), places=places)


def _n_dead(segment: Stored) -> int:
    return len(segment) - int(np.count_nonzero(segment.rows.died == FOR_EVER))


def _flat(name: str, texts: Sequence[bytes]) -> dict[str, NDArray[Any]]:
    offsets = np.zeros(len(texts) + 1, np.int32)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return {name: np.frombuffer(b"".join(texts), np.uint8), f"{name}_offsets": offsets}


def _lists(sources: Sequence[Source], name: str, order: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """The lists of all living rows in a new order, as offsets and values."""
    flat = np.concatenate([s.rows.values(name)[: s.rows.offsets(name)[-1]] for s in sources])
    before = np.cumsum([0, *(int(s.rows.offsets(name)[-1]) for s in sources)]).tolist()
    starts = [s.rows.offsets(name)[s.living].astype(np.int64) + b for s, b in zip(sources, before, strict=False)]
    begin = np.concatenate(starts)[order]
    lengths = np.concatenate([s.rows.lengths(name, s.living) for s in sources])[order]
    offsets = np.zeros(len(order) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    values = np.empty(int(offsets[-1]), PER_LIST[name])
    for first in range(0, len(order), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        start, end = int(offsets[first]), int(offsets[min(first + _AT_ONCE, len(order))])
        places = np.repeat(begin[some] - offsets[:-1][some], lengths[some]) + np.arange(start, end)
        values[start:end] = flat[places]
    return {name: values, f"{name}_offsets": offsets}


def _moved(filed: Filed, place: NDArray[np.int64]) -> Filed:
    numbers, rows = filed
    rows = place[rows]
    return numbers[rows >= 0], rows[rows >= 0]
