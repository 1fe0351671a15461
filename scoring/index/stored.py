"""Cases as they lie in a file, mapped into memory: found by id, by gene and by place without reading them all."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import CaseId
from scoring.index.cases import Key
from scoring.index.rows import PER_CASE, PER_LIST, Rows
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The cases of one file. Its arrays may be written to: the file does not change by it."""

    release: str
    rows: Rows
    lookups: dict[str, NDArray[Any]]
    _profiles: OrderedDict[int, Profile] = field(default_factory=OrderedDict, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, case_id: CaseId) -> int | None:
        """Where a case stands; also one that died since."""
        number = np.uint64(number_of(case_id))
        place = int(np.searchsorted(self.lookups["id_numbers"], number))
        while place < len(self) and self.lookups["id_numbers"][place] == number:
            row = int(self.lookups["id_rows"][place])
            if self.case_id(row) == case_id:
                return row
            place += 1
        return None

    def having(self, key: Key) -> NDArray[np.int64]:
        """The rows that have a gene, place or region, ascending."""
        numbers, offsets = self.lookups["key_numbers"], self.lookups["key_offsets"]
        number = np.uint64(number_of(key))
        place = int(np.searchsorted(numbers, number))
        if place == len(numbers) or numbers[place] != number:
            return np.zeros(0, np.int64)
        return self.lookups["key_rows"][offsets[place] : offsets[place + 1]].astype(np.int64)

    def id_numbers(self) -> NDArray[np.uint64]:
        """The number of each row's id."""
        numbers = np.empty(len(self), np.uint64)
        numbers[self.lookups["id_rows"]] = self.lookups["id_numbers"]
        return numbers

    def filed(self) -> Iterator[tuple[int, NDArray[np.int32]]]:
        """The number of each gene, place and region, with its rows."""
        offsets = self.lookups["key_offsets"].tolist()
        for place, number in enumerate(self.lookups["key_numbers"].tolist()):
            yield number, self.lookups["key_rows"][offsets[place] : offsets[place + 1]]

    def case_id(self, row: int) -> CaseId:
        return CaseId(self.rows.item("case_ids", row).tobytes().decode())

    def profile(self, row: int) -> Profile:
        """Read a profile, without owner and family; the same object while it is remembered."""
        known = self._profiles.get(row)
        if known is None:
            known = decode(
                self.rows.item("profiles", row).tobytes(),
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
    id_numbers: NDArray[np.uint64], used: NDArray[np.int32], filed: dict[int, NDArray[np.int64]]
) -> dict[str, NDArray[Any]]:
    """Sort what cases are found by; `filed` has the rows (ascending) of each number of a gene or place."""
    order = np.argsort(id_numbers, kind="stable")
    keys = sorted(filed)
    offsets = np.zeros(len(keys) + 1, np.int64)
    np.cumsum([len(filed[key]) for key in keys], out=offsets[1:])
    return {
        "used": used,
        "id_numbers": id_numbers[order],
        "id_rows": order.astype(np.int32),
        "key_numbers": np.array(keys, np.uint64),
        "key_offsets": offsets,
        "key_rows": np.concatenate([np.zeros(0, np.int64), *(filed[key] for key in keys)]).astype(np.int32),
    }


def kinds() -> dict[str, Any]:
    """The type of every array of a file."""
    return {**PER_CASE, **PER_LIST, **{f"{name}_offsets": np.int32 for name in PER_LIST}, **LOOKUPS}
