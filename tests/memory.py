"""Where tests write what nothing need wait for a disk to have: what a power cut would do is tested elsewhere."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_IN_MEMORY = Path("/dev/shm")


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Make a folder for a while: in memory, where the system has such a place."""
    place = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="matchmaker-", dir=place, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
