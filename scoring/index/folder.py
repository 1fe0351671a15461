"""The segments of an index in files, so that a process that starts need not read the database.

Derived, and never trusted: what is damaged, cut off, foreign or of another scoring is set aside or removed, and the
index is made from the database. A list names the segments of one moment and their dead; it is replaced in one step,
after the files that it names are on the disk. Terms and genes stand in them as they do in the database; owners and
families only as keyed numbers.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import scoring
from scoring.index import packed
from scoring.index.packed import DamagedError, Packed
from scoring.index.stored import SEARCHED, TOLD, Stored

log = logging.getLogger(__name__)

LIST, LOCK, ASIDE = "segments", "lock", "damaged"
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the files say: all cases of an epoch as of a revision, or later. `digest` names the list."""

    digest: str
    revision: int
    stored: tuple[Stored, ...]


class OvertakenError(Exception):
    """Another process wrote meanwhile: what it wrote is to be read, and not to be replaced."""


class SegmentFolder:
    """One folder; of several processes the first to ask writes, the others go on without."""

    def __init__(self, path: Path, *, scoring: str, release: str, at_once: int = 8 << 20) -> None:
        """Name a folder; files of another `scoring`, or of other code, are not read.

        Parameters
        ----------
        at_once : int
            Bytes up to which files are checked when they are opened; larger ones in a thread of their own.
        """
        self.path = path
        self._scoring = f"{scoring} {_code()}"
        self._release = release
        self._at_once = at_once
        self._checking: threading.Thread | None = None
        self._is_sound = True

    def read(self, *, epoch: str) -> Snapshot | None:
        """Map the segments; None when there are none that fit this epoch. What is in them `is_sound` tells."""
        with contextlib.suppress(OSError), self._alone() as alone:
            if alone:
                self._clean(self._named())
        for attempt in range(_ATTEMPTS):
            try:
                return self._read(epoch)
            except FileNotFoundError as error:
                # Another process may have put another list in the place of the one that was read.
                if not (self.path / LIST).exists():
                    return None
                if attempt == _ATTEMPTS - 1:
                    self._set_aside(LIST, error)
            except (OSError, ValueError, DamagedError) as error:
                self._set_aside(LIST, error)
                return None
        return None

    def _read(self, epoch: str) -> Snapshot | None:
        listed = packed.read(self.path / LIST)
        listed.verify(SEARCHED)
        if (listed.header["scoring"], listed.header["epoch"]) != (self._scoring, epoch):
            # They may hold cases that were erased meanwhile, and nobody would write them anew.
            self._remove()
            return None
        stored = tuple(self._opened(listed, number) for number in range(len(listed.header["segments"])))
        self._check(stored)
        return Snapshot(digest=listed.digest, revision=listed.header["revision"], stored=stored)

    def is_sound(self) -> bool:
        """Whether all that was read is what was written; waits until it is known. What is not is set aside."""
        if self._checking is not None:
            self._checking.join()
        return self._is_sound

    def write(
        self,
        kept: Sequence[Stored],
        new: tuple[int, packed.Groups] | None,
        *,
        base: str,
        epoch: str,
        revision: int,
        now: int,
    ) -> Snapshot | None:
        """Write a new segment beside those that are kept, and then the list of them all; None: somebody is at it.

        Whatever goes wrong, the old list stays, and with it the segments that it names.

        Parameters
        ----------
        base : str
            The digest of the list that this replaces; "" for none.
        now : int
            Rows that died by then are dead in the list.

        Raises
        ------
        OvertakenError
            When there is another list now.
        OSError
            When it cannot be written.
        """
        self.path.mkdir(mode=0o700, exist_ok=True)
        with self._alone() as alone:
            if not alone:
                return None
            if self._digest(epoch) not in {"", base}:
                raise OvertakenError
            stored = list(kept)
            if new is not None:
                name = f"{secrets.token_hex(8)}.segment"
                packed.write(self.path / name, {"n": new[0]}, new[1])
                nobody = np.zeros(0, np.int32)
                stored.append(Stored.of(name, packed.read(self.path / name), release=self._release, dead=nobody))
            dead = [np.flatnonzero(segment.rows.died <= now).astype(np.int32) for segment in stored]
            header = {"scoring": self._scoring, "epoch": epoch, "revision": revision}
            header["segments"] = [[segment.name, segment.packed.digest] for segment in stored]
            listed: dict[str, NDArray[Any]] = {f"dead_{number}": rows for number, rows in enumerate(dead)}
            digest = packed.write(self.path / LIST, header, {SEARCHED: listed})
            self._clean({segment.name for segment in stored})
            return Snapshot(digest=digest, revision=revision, stored=tuple(stored))

    def _opened(self, listed: Packed, number: int) -> Stored:
        name, digest = listed.header["segments"][number]
        found = packed.read(self.path / name)
        if found.digest != digest:
            raise DamagedError("a segment is not the one that the list names")
        return Stored.of(name, found, release=self._release, dead=listed.array(f"dead_{number}", np.int32))

    def _check(self, stored: Sequence[Stored]) -> None:
        """Verify checksums: of a small store now, of a large one in a thread of its own."""
        self._is_sound = True
        if sum(len(segment.packed.body) for segment in stored) <= self._at_once:
            self._verify(stored)
            return
        self._checking = threading.Thread(target=self._verify, args=(stored,), daemon=True, name="checks segments")
        self._checking.start()

    def _verify(self, stored: Sequence[Stored]) -> None:
        for group in (SEARCHED, TOLD):
            for segment in stored:
                try:
                    segment.packed.verify(group)
                    if group == TOLD:
                        segment.packed.let_go(group)
                except DamagedError as error:
                    self._is_sound = False
                    self._set_aside(segment.name, error)
                    return

    def _digest(self, epoch: str) -> str:
        """The digest of the list that is there, and could be read; "" for none."""
        with contextlib.suppress(OSError, ValueError, DamagedError):
            listed = packed.read(self.path / LIST)
            listed.verify(SEARCHED)
            if (listed.header["scoring"], listed.header["epoch"]) == (self._scoring, epoch):
                return listed.digest
        return ""

    def _named(self) -> set[str]:
        """The segments that the list names; none when it cannot be read."""
        with contextlib.suppress(OSError, ValueError, DamagedError):
            return {name for name, _ in packed.read(self.path / LIST).header["segments"]}
        return set()

    def _clean(self, named: set[str]) -> None:
        """Take away what no list names, what a killed process left half written, and what was damaged once."""
        for left in self.path.iterdir():
            if left.name not in {LIST, LOCK} and left.name not in named:
                left.unlink(missing_ok=True)

    def _remove(self) -> None:
        with contextlib.suppress(OSError), self._alone() as alone:
            if alone:
                (self.path / LIST).unlink(missing_ok=True)
                self._clean(set())

    def _set_aside(self, name: str, error: Exception) -> None:
        """Let nobody read it again; the list goes with it, since it names what is missing now."""
        with contextlib.suppress(OSError):
            (self.path / name).replace(self.path / ASIDE)
        with contextlib.suppress(OSError):
            (self.path / LIST).unlink(missing_ok=True)
        log.warning("a file of the index is set aside as %s, and made anew from the database: %s", ASIDE, error)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[bool]:
        descriptor = os.open(self.path / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
        finally:
            os.close(descriptor)


@cache
def _code() -> str:
    """A digest of the code of scoring: another spelling or another key of a gene must not be read as this one's."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(Path(scoring.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
