"""Named arrays in one file that is written whole, mapped into memory, and known by checksums to be what was written."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import struct
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"MMINDEX2"
_PREFIX = struct.Struct("<8sI16s")  # magic, length of the header, digest of the header
_ALIGNED = 64

Groups = Mapping[str, Mapping[str, NDArray[Any]]]


class DamagedError(Exception):
    """The file is not what was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """An open file: its header is as it was written and it is not cut off; each group of arrays `verify` tells.

    The map is private: who writes to an array changes a copy of that page.
    """

    header: dict[str, Any]
    digest: str  # of the header, and with it of all checksums
    body: memoryview
    whole: mmap.mmap

    def array(self, name: str, kind: Any) -> NDArray[Any]:
        offset, length = self.header["arrays"][name]
        return np.frombuffer(self.body, kind, count=length, offset=offset)

    def verify(self, group: str) -> None:
        """Read a group of arrays, and raise DamagedError when it is not what was written."""
        begin, end, checksum = self.header["groups"][group]
        if zlib.crc32(self.body[begin:end]) != checksum:
            raise DamagedError("its checksum is wrong")

    def let_go(self, group: str) -> None:
        """Give back the memory that reading a group took: what is read of it later comes from the file again."""
        begin, end, _ = self.header["groups"][group]
        ahead = len(self.whole) - len(self.body)
        first = -(-(ahead + begin) // mmap.PAGESIZE) * mmap.PAGESIZE
        if ahead + end > first:
            self.whole.madvise(mmap.MADV_DONTNEED, first, ahead + end - first)


def write(path: Path, header: Mapping[str, Any], groups: Groups) -> str:
    """Write a file beside the old one, put it in its place in one step, and return the digest of its header."""
    offset, arrays, checked = 0, {}, {}
    for group, members in groups.items():
        begin, checksum = offset, 0
        for name, array in members.items():
            arrays[name] = [offset, len(array)]
            checksum = zlib.crc32(_padding(array), zlib.crc32(_bytes(array), checksum))
            offset += array.nbytes + len(_padding(array))
        checked[group] = [begin, offset, checksum]
    packed = json.dumps({**header, "arrays": arrays, "groups": checked, "size": offset}).encode()
    packed += b" " * (-(len(packed) + _PREFIX.size) % _ALIGNED)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_PREFIX.pack(_MAGIC, len(packed), _digest(packed)) + packed)
            for members in groups.values():
                for array in members.values():
                    file.write(_bytes(array))
                    file.write(_padding(array))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return _digest(packed).hex()


def read(path: Path) -> Packed:
    """Map a file; DamagedError when its header is not as it was written, or a part of it is missing."""
    with path.open("rb") as file:
        prefix = file.read(_PREFIX.size)
        if len(prefix) < _PREFIX.size:
            raise DamagedError("it is cut off")
        magic, length, digest = _PREFIX.unpack(prefix)
        packed = file.read(length)
        if magic != _MAGIC or _digest(packed) != digest:
            raise DamagedError("its header is not as it was written")
        header: dict[str, Any] = json.loads(packed)
        whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    body = memoryview(whole)[_PREFIX.size + length :]
    if len(body) != header["size"]:
        raise DamagedError("it is cut off")
    return Packed(header=header, digest=digest.hex(), body=body, whole=whole)


def _bytes(array: NDArray[Any]) -> memoryview:
    return memoryview(np.ascontiguousarray(array).view(np.uint8).data)


def _padding(array: NDArray[Any]) -> bytes:
    return bytes(-array.nbytes % _ALIGNED)


def _digest(packed: bytes) -> bytes:
    return hashlib.blake2b(packed, digest_size=16).digest()
