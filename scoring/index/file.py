"""The file of the index: all cases at one revision, so that a process that starts need not read the database.

Derived, and never trusted: a file that is damaged, cut off, foreign or of another scoring is set aside or left, and the
index is made from the database. It is written whole beside the old one and takes its place in one step. Terms and genes
stand in it as they do in the database; owners and families only as keyed numbers.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import math
import mmap
import os
import struct
import tempfile
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import scoring
from scoring.index.rows import PER_CASE, PER_LIST, Rows
from scoring.index.stored import LOOKUPS, Stored, kinds

log = logging.getLogger(__name__)

_MAGIC = b"MMINDEX1"
_PREFIX = struct.Struct("<8sI16s")  # magic, length of the header, digest of the header
_ALIGNED = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a file says: all cases of an epoch as of a revision."""

    epoch: str
    revision: int
    stored: Stored


class _DamagedError(Exception):
    """The file is not what was written."""


class IndexFile:
    """One file; of several processes the first to ask writes, the others go on without."""

    def __init__(self, path: Path, *, scoring: str, release: str, least: int = 10_000, seconds: float = 60.0) -> None:
        """Name a file.

        Parameters
        ----------
        scoring : str
            What the numbers in it were made by; a file of another scoring, or of other code, is not read.
        least : int
            Cases from which on a file is worth its writing.
        seconds : float
            How long to wait at least before it is written again.
        """
        self._path = path
        self._aside = path.with_suffix(".damaged")
        self._scoring = f"{scoring} {_code()}"
        self._release = release
        self._least = least
        self._seconds = seconds
        self._written_at = -math.inf

    def is_due(self, *, n_added: int, n_cases: int, holds_gone: bool) -> bool:
        """Whether to write: much is new, or the file has cases that are gone, and some time has passed."""
        much = n_added >= max(self._least, n_cases // 8)
        return (much or holds_gone) and time.monotonic() - self._written_at >= self._seconds

    def read(self, *, epoch: str) -> Snapshot | None:
        """Map the file; None when there is none that fits this epoch."""
        with contextlib.suppress(OSError), self._alone() as alone:
            if alone:
                self._clean()
        try:
            header, body = self._opened()
        except FileNotFoundError:
            return None
        except (OSError, _DamagedError) as error:
            self._set_aside(error)
            return None
        if (header["scoring"], header["epoch"]) != (self._scoring, epoch):
            # It may hold cases that were erased meanwhile, and nobody would write it anew.
            with contextlib.suppress(OSError):
                self._path.unlink()
            return None
        arrays = _arrays(header, body)
        stored = Stored(
            release=self._release,
            rows=Rows(n=header["n"], columns={name: arrays[name] for name in arrays if name not in LOOKUPS}),
            lookups={name: arrays[name] for name in LOOKUPS},
        )
        return Snapshot(epoch=epoch, revision=header["revision"], stored=stored)

    def write(self, arrays: Mapping[str, NDArray[Any]], *, n: int, epoch: str, revision: int) -> bool:
        """Put a new file in the place of the old one; whether there is one of this revision or a later one now.

        The old one stays when that fails, or when another process is at it.
        """
        self._written_at = time.monotonic()
        try:
            with self._alone() as alone:
                if alone and not self._is_later(epoch, revision):
                    self._replace(arrays, {"n": n, "epoch": epoch, "revision": revision, "scoring": self._scoring})
                return alone
        except OSError as error:
            log.warning("the index is not written, the old file stays in use: %s", error)
            return False

    def _is_later(self, epoch: str, revision: int) -> bool:
        """Whether another process wrote this revision or a later one already."""
        with contextlib.suppress(OSError, _DamagedError):
            header = self._header()[0]
            return (header["scoring"], header["epoch"]) == (self._scoring, epoch) and header["revision"] >= revision
        return False

    def _replace(self, arrays: Mapping[str, NDArray[Any]], header: dict[str, Any]) -> None:
        offset, checksum, places = 0, 0, {}
        for name, array in arrays.items():
            places[name] = [offset, len(array)]
            checksum = zlib.crc32(_padded(array), checksum)
            offset += len(_padded(array))
        packed = json.dumps({**header, "arrays": places, "size": offset, "checksum": checksum}).encode()
        packed += b" " * (-(len(packed) + _PREFIX.size) % _ALIGNED)
        descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_PREFIX.pack(_MAGIC, len(packed), _digest(packed)) + packed)
                for array in arrays.values():
                    file.write(_padded(array))
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _header(self) -> tuple[dict[str, Any], int]:
        """What the file says of itself, and where its arrays begin."""
        with self._path.open("rb") as file:
            prefix = file.read(_PREFIX.size)
            if len(prefix) < _PREFIX.size:
                raise _DamagedError("it is cut off")
            magic, length, digest = _PREFIX.unpack(prefix)
            packed = file.read(length)
            if magic != _MAGIC or _digest(packed) != digest:
                raise _DamagedError("its header is not as it was written")
            header: dict[str, Any] = json.loads(packed)
            return header, _PREFIX.size + length

    def _opened(self) -> tuple[dict[str, Any], memoryview]:
        header, start = self._header()
        with self._path.open("rb") as file:
            # A private copy of what is written to: the file itself never changes.
            body = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))[start:]
        if len(body) != header["size"] or zlib.crc32(body) != header["checksum"]:
            raise _DamagedError("its checksum is wrong")
        return header, body

    def _clean(self) -> None:
        """Take away what a killed process left half written, and what was damaged once and has served."""
        for left in (self._aside, *self._path.parent.glob(f".{self._path.name}.*")):
            left.unlink(missing_ok=True)

    def _set_aside(self, error: Exception) -> None:
        with contextlib.suppress(OSError):
            self._path.replace(self._aside)
        log.warning("the index file is set aside as %s, and made anew from the database: %s", self._aside.name, error)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[bool]:
        descriptor = os.open(self._path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
        finally:
            os.close(descriptor)


def columns_of(rows: Rows, living: NDArray[np.int64], profiles: list[bytes]) -> dict[str, NDArray[Any]]:
    """The columns of some rows alone, the last of them with these spelled profiles."""
    columns = {name: rows.columns[name][living] for name in PER_CASE}
    for name in PER_LIST:
        starts, lengths = rows.offsets(name)[living].astype(np.int64), np.diff(rows.offsets(name))[living]
        offsets = np.zeros(len(living) + 1, np.int32)
        np.cumsum(lengths, out=offsets[1:])
        places = np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])
        columns[name], columns[f"{name}_offsets"] = rows.values(name)[places], offsets
    if profiles:
        columns["profiles"] = np.concatenate([columns["profiles"], np.frombuffer(b"".join(profiles), np.uint8)])
        first = len(living) - len(profiles)
        columns["profiles_offsets"][first + 1 :] += np.cumsum([len(spelled) for spelled in profiles]).astype(np.int32)
    return columns


def _arrays(header: dict[str, Any], body: memoryview) -> dict[str, NDArray[Any]]:
    return {
        name: np.frombuffer(body, kind, count=header["arrays"][name][1], offset=header["arrays"][name][0])
        for name, kind in kinds().items()
    }


@cache
def _code() -> str:
    """A digest of the code of scoring: another spelling or another key of a gene must not be read as this one's."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(Path(scoring.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _padded(array: NDArray[Any]) -> bytes:
    content = np.ascontiguousarray(array).tobytes()
    return content + bytes(-len(content) % _ALIGNED)


def _digest(packed: bytes) -> bytes:
    return hashlib.blake2b(packed, digest_size=16).digest()
