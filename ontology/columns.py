"""Named arrays: how reference data lies in a snapshot and in memory, decoded only where somebody looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from matchmaker.errors import ReleaseError


class TextTable(Sequence[str]):
    """Texts in one UTF-8 buffer; each is decoded when it is asked for.

    A sorted table can be searched with `bisect`: UTF-8 sorts as code points do.

    Examples
    --------
    >>> TextTable.of(["ataxia", "Fußdeformität"])[1]
    'Fußdeformität'
    """

    __slots__ = ("_buffer", "_offsets")

    def __init__(self, buffer: bytes, offsets: NDArray[np.int64]) -> None:
        self._buffer = buffer
        self._offsets = offsets

    @classmethod
    def of(cls, texts: Iterable[str]) -> TextTable:
        encoded = [text.encode() for text in texts]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        offsets[1:] = np.cumsum([len(text) for text in encoded])
        return cls(b"".join(encoded), offsets)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._buffer[self._offsets[index] : self._offsets[index + 1]].decode()

    def __iter__(self) -> Iterator[str]:
        for start, end in pairwise(self._offsets.tolist()):
            yield self._buffer[start:end].decode()

    def lengths(self) -> NDArray[np.int64]:
        """Bytes of each text, shape (n_texts,)."""
        return np.diff(self._offsets)

    def arrays(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        return np.frombuffer(self._buffer, np.uint8), self._offsets


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Lists of integers, one per row, as compressed sparse rows.

    Attributes
    ----------
    offsets : int32 array of shape (n_rows + 1,)
    values : int32 array
        Row r is `values[offsets[r]:offsets[r + 1]]`.
    """

    offsets: NDArray[np.int32]
    values: NDArray[np.int32]

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> Rows:
        offsets = np.zeros(len(rows) + 1, np.int32)
        offsets[1:] = np.cumsum([len(row) for row in rows])
        values = np.fromiter((value for row in rows for value in row), np.int32, count=int(offsets[-1]))
        return cls(offsets=offsets, values=values)

    @classmethod
    def group(cls, keys: NDArray[np.integer[Any]], values: NDArray[np.integer[Any]], *, n_rows: int) -> Rows:
        """Gather values under their keys (0..n_rows-1); both of shape (n,). Inside a row the order is kept."""
        offsets = np.zeros(n_rows + 1, np.int32)
        offsets[1:] = np.cumsum(np.bincount(keys, minlength=n_rows))
        return cls(offsets=offsets, values=values[np.argsort(keys, kind="stable")].astype(np.int32))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> NDArray[np.int32]:
        return self.values[self.offsets[row] : self.offsets[row + 1]]


class Columns:
    """The arrays of one release by name; a table of texts and rows of integers are two arrays each.

    Raises `ReleaseError` for a name that is not there: the file is of another make.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]] | None = None) -> None:
        self._arrays: dict[str, NDArray[Any]] = dict(arrays or {})
        self._texts: dict[str, TextTable] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        try:
            return self._arrays[name]
        except KeyError as error:
            raise ReleaseError(f"the snapshot has no {name}: import the release again") from error

    def __setitem__(self, name: str, array: NDArray[Any]) -> None:
        self._arrays[name] = array

    def texts(self, name: str) -> TextTable:
        if name not in self._texts:
            self._texts[name] = TextTable(self[f"{name}.utf8"].tobytes(), self[f"{name}.ends"])
        return self._texts[name]

    def put_texts(self, name: str, texts: Iterable[str]) -> None:
        self._texts[name] = TextTable.of(texts)
        self._arrays[f"{name}.utf8"], self._arrays[f"{name}.ends"] = self._texts[name].arrays()

    def update(self, other: Columns) -> None:
        self._arrays.update(other.arrays())

    def rows(self, name: str) -> Rows:
        return Rows(offsets=self[f"{name}.offsets"], values=self[f"{name}.values"])

    def put_rows(self, name: str, rows: Rows) -> None:
        self._arrays[f"{name}.offsets"], self._arrays[f"{name}.values"] = rows.offsets, rows.values

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        return self._arrays
