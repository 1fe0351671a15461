"""A file of backgrounds, so that a restart need not count them again. Losing it, or a part of it, costs time only.

After a header that names the scoring come records of 24 bytes: digest of a list of terms, background, check. A process
appends whole records in one write; what is torn or damaged fails its check and is counted again. The digests tell no
term, but who guesses a whole list can confirm it: the file is its owner's alone and belongs into the home of a node.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

_RECORD = np.dtype([("digest", "<u8"), ("background", "<f8"), ("check", "<u8")])
_HEADER_BYTES = 32
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class BackgroundFile:
    """Backgrounds of one scoring in a file that several processes may read and append to."""

    def __init__(self, path: Path, scoring: str) -> None:
        self._path = path
        self._header = hashlib.sha256(scoring.encode()).digest()

    def read(self) -> dict[int, float]:
        """All sound records by their digest; {} for no file, or one of another scoring."""
        try:
            content = self._path.read_bytes()
        except OSError:
            return {}
        if content[:_HEADER_BYTES] != self._header:
            return {}
        n_records = (len(content) - _HEADER_BYTES) // _RECORD.itemsize
        records = np.frombuffer(content, _RECORD, count=n_records, offset=_HEADER_BYTES)
        sound = records[records["check"] == _checks(records)]
        return dict(zip(sound["digest"].tolist(), sound["background"].tolist(), strict=True))

    def append(self, backgrounds: Mapping[int, float]) -> None:
        """Add records; without a sound file to add to, nothing."""
        if not backgrounds:
            return
        try:
            with self._path.open("r+b", buffering=0) as file:
                if file.read(_HEADER_BYTES) != self._header:
                    return
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
            try:
                os.write(descriptor, _records(backgrounds).tobytes())
            finally:
                os.close(descriptor)
        except OSError as error:
            log.info("backgrounds are not kept: %s", error)

    def replace(self, backgrounds: Mapping[int, float]) -> None:
        """Keep these and no others: what belonged to cases that are gone leaves the file."""
        try:
            descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(self._header + _records(backgrounds).tobytes())
                Path(name).replace(self._path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            log.info("backgrounds are not kept: %s", error)


def _records(backgrounds: Mapping[int, float]) -> NDArray[np.void]:
    records = np.zeros(len(backgrounds), _RECORD)
    records["digest"] = np.fromiter(backgrounds.keys(), np.uint64, count=len(backgrounds))
    records["background"] = np.fromiter(backgrounds.values(), np.float64, count=len(backgrounds))
    records["check"] = _checks(records)
    return records


def _checks(records: NDArray[np.void]) -> NDArray[np.uint64]:
    bits = np.ascontiguousarray(records["background"]).view(np.uint64)
    with np.errstate(over="ignore"):
        mixed = (records["digest"] ^ (bits * _MULTIPLIER)) * _MULTIPLIER
    return np.asarray(mixed ^ (mixed >> np.uint64(29)), np.uint64)
