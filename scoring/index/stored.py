"""A segment: cases as they lie in a file, mapped into memory, found by id, gene and place without reading them all."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import CaseId
from scoring.index.cases import Key
from scoring.index.packed import Packed
from scoring.index.rows import FOR_EVER, PER_CASE, PER_LIST, Rows
from scoring.index.spelling import decode
from scoring.profile import Profile

_REMEMBERED = 4096  # profiles that are kept once they were read
# What a file holds beside the columns: used terms; sorted numbers of ids, genes and places, with their rows.
LOOKUPS: dict[str, Any] = {
    "used": np.int32,
    "id_numbers": np.uint64,
    "id_rows": np.int32,
    "key_numbers": np.uint64,
    "key_offsets": np.int64,
    "key_rows": np.int32,
}
# What a search reads of all cases is checked before the first; the rest, of which it reads ten, in another group.
SEARCHED, TOLD = "searched", "told"
_TOLD = ("case_ids", "profiles")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The cases of one file. They never change, but for when they died, which is kept in memory."""

    name: str
    release: str
    rows: Rows
    lookups: dict[str, NDArray[Any]]
    packed: Packed = field(repr=False)
    _profiles: OrderedDict[int, Profile] = field(default_factory=OrderedDict, repr=False)

    @classmethod
    def of(cls, name: str, packed: Packed, *, release: str, dead: NDArray[np.int32]) -> Stored:
        """Read a segment of which some rows are dead."""
        n = packed.header["n"]
        columns = {column: packed.array(column, kind) for column, kind in columns_of_file().items()}
        columns["died"] = np.full(n, FOR_EVER, np.uint32)
        columns["died"][dead] = 0
        lookups = {lookup: packed.array(lookup, kind) for lookup, kind in LOOKUPS.items()}
        return cls(name=name, release=release, rows=Rows(n=n, columns=columns), lookups=lookups, packed=packed)

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, case_id: CaseId, number: int) -> int | None:
        """Where a case stands, living or dead; `number` is its `number_of`."""
        wanted = np.uint64(number)
        numbers = self.lookups["id_numbers"]
        place = int(numbers.searchsorted(wanted))
        while place < len(self) and numbers[place] == wanted:
            row = int(self.lookups["id_rows"][place])
            if self.case_id(row) == case_id:
                return row
            place += 1
        return None

    def having(self, number: int) -> NDArray[np.int64]:
        """The rows that have a gene, place or region of this number, ascending."""
        numbers, offsets = self.lookups["key_numbers"], self.lookups["key_offsets"]
        place = int(np.searchsorted(numbers, np.uint64(number)))
        if place == len(numbers) or int(numbers[place]) != number:
            return np.zeros(0, np.int64)
        return self.lookups["key_rows"][offsets[place] : offsets[place + 1]].astype(np.int64)

    def id_numbers(self) -> NDArray[np.uint64]:
        """The number of each row's id."""
        numbers = np.empty(len(self), np.uint64)
        numbers[self.lookups["id_rows"]] = self.lookups["id_numbers"]
        return numbers

    def filed(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Every number of a gene, place or region beside a row that has it."""
        counts = np.diff(self.lookups["key_offsets"])
        return np.repeat(self.lookups["key_numbers"], counts), self.lookups["key_rows"].astype(np.int64)

    def case_id(self, row: int) -> CaseId:
        return CaseId(self.rows.item("case_ids", row).tobytes().decode())

    def spelled(self, row: int) -> bytes:
        return self.rows.item("profiles", row).tobytes()

    def profile(self, row: int) -> Profile:
        """Read a profile, without owner and family; the same object while it is remembered."""
        known = self._profiles.get(row)
        if known is None:
            known = decode(
                self.spelled(row),
                case_id=self.case_id(row),
                release=self.release,
                observed=self.rows.item("terms", row).tolist(),
                excluded=self.rows.item("excluded", row).tolist(),
            )
            self._profiles[row] = known
            if len(self._profiles) > _REMEMBERED:
                self._profiles.popitem(last=False)
        return known


def number_of(key: Key | CaseId) -> int:
    """A number of 64 bits for an id, a gene, a place or a region."""
    return int.from_bytes(hashlib.blake2b(repr(key).encode(), digest_size=8).digest(), "little")


def lookups_of(
    id_numbers: NDArray[np.uint64],
    used: NDArray[np.int32],
    filed: Sequence[tuple[NDArray[np.uint64], NDArray[np.int64]]],
) -> dict[str, NDArray[Any]]:
    """Sort what cases are found by; `filed` are numbers of genes and places, each beside a row that has it."""
    order = np.argsort(id_numbers, kind="stable")
    numbers = np.concatenate([np.zeros(0, np.uint64), *(numbers for numbers, _ in filed)])
    rows = np.concatenate([np.zeros(0, np.int64), *(rows for _, rows in filed)])
    sorting = np.lexsort((rows, numbers))
    keys, counts = np.unique(numbers, return_counts=True)
    return {
        "used": used,
        "id_numbers": id_numbers[order],
        "id_rows": order.astype(np.int32),
        "key_numbers": keys,
        "key_offsets": np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]).astype(np.int64),
        "key_rows": rows[sorting].astype(np.int32),
    }


def columns_of_file() -> dict[str, Any]:
    """The type of every column that a file holds."""
    lists = {**PER_LIST, **{f"{name}_offsets": np.int32 for name in PER_LIST}}
    return {**{name: kind for name, kind in PER_CASE.items() if name != "died"}, **lists}


def groups_of(columns: dict[str, NDArray[Any]], lookups: dict[str, NDArray[Any]]) -> dict[str, dict[str, NDArray[Any]]]:
    """The arrays of a file, by who reads them."""
    told = {name: columns[name] for one in _TOLD for name in (one, f"{one}_offsets")}
    return {SEARCHED: {**{n: c for n, c in columns.items() if n not in told}, **lookups}, TOLD: told}
