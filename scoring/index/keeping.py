"""Keeping an index in files: when to write, and what becomes of the cases in memory."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass

from scoring.index import merging
from scoring.index.folder import OvertakenError, SegmentFolder, Snapshot
from scoring.index.merging import Merged, Source
from scoring.index.shelf import Shelf
from scoring.index.stored import Stored
from scoring.index.table import Table

log = logging.getLogger(__name__)
_PATIENCE = 20.0  # times what the last writing took, before the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written of a shelf at a moment: its segments from now on, and where merged cases went."""

    snapshot: Snapshot
    sources: tuple[Source, ...]
    merged: Merged | None


class Keeper:
    """Writes the cases of one index, and knows what the files hold that should leave them."""

    def __init__(
        self, folder: SegmentFolder, *, least: int = 10_000, most: int = 50_000, seconds: float = 60.0
    ) -> None:
        """Keep an index in a folder.

        Parameters
        ----------
        least : int
            Cases in memory from which on they are worth their writing.
        most : int
            Cases in memory from which on they are written before more come in.
        seconds : float
            How long to wait at least before it is written again.
        """
        self.folder = folder
        self.is_overtaken = False
        self._least = least
        self.most = most
        self._seconds = seconds
        self._base = ""
        self._gone: set[str] = set()
        self._not_before = -math.inf

    def read(self, *, epoch: str) -> Snapshot | None:
        """What is in the folder for this epoch."""
        snapshot = self.folder.read(epoch=epoch)
        self._base = "" if snapshot is None else snapshot.digest
        return snapshot

    def lose(self, segment: Stored) -> None:
        """Note that a segment holds a case that is not to be matched any more: its bytes must go."""
        self._gone.add(segment.name)

    def is_due(self, shelf: Shelf) -> bool:
        """Whether to write: much is new, or a file has cases that are gone, and some time has passed."""
        return (shelf.n_added >= self._least or bool(self._gone)) and time.monotonic() >= self._not_before

    def write(self, shelf: Shelf, rows: Table, *, epoch: str, revision: int, now: int) -> Written | None:
        """Write what is new, merged with as many segments as belong together; None: the old files stay.

        Whoever has the shelf may go on adding to it and taking from it.
        """
        began = time.monotonic()
        gone = set(self._gone)
        apart = merging.chosen(shelf.stored, n_added=rows.parts[-1].n, gone=gone)
        kept = [segment for segment in shelf.stored if segment not in apart]
        sources = [Source.stored(segment, now=now) for segment in apart]
        sources.append(Source.tail(shelf.tail, rows.parts[-1], now=now))
        merged = merging.merged(sources)
        new = None if not merged.n else (merged.n, merged.groups)
        try:
            snapshot = self.folder.write(kept, new, base=self._base, epoch=epoch, revision=revision, now=now)
        except OvertakenError:
            self.is_overtaken = True
            return None
        except OSError as error:
            log.warning("the index is not written, the old files stay in use: %s", error)
            return None
        finally:
            took = time.monotonic() - began
            self._not_before = time.monotonic() + (max(self._seconds, _PATIENCE * took) if self._seconds else 0.0)
        if snapshot is None:
            return None
        self._base = snapshot.digest
        # Cases that went meanwhile were alive when it was written: they are noted again where they are now.
        self._gone -= {segment.name for segment in apart}
        return Written(snapshot=snapshot, sources=tuple(sources), merged=merged if merged.n else None)
