"""Uploaded files while they are read: in a folder closed to others, and gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matchmaker.errors import Unavailable
from matchmaker.service import Matchmaker
from matchmaker.texts import gettext as _

_NAME = "upload-"
_LONGEST_REQUEST = 3600.0  # seconds: what is older was left behind by a process that was killed


@contextmanager
def uploads(mm: Matchmaker) -> Iterator[Path]:
    """A folder for files while they are read.

    Raises
    ------
    Unavailable
        When the node's home cannot be written.
    """
    try:
        folder = tempfile.TemporaryDirectory(dir=mm.settings.home, prefix=_NAME, ignore_cleanup_errors=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise Unavailable(_("reading the file"), why, _("make room in the node's home")) from error
    with folder as path:
        yield Path(path)


def sweep(mm: Matchmaker) -> None:
    """Remove what a process left that was killed while it read."""
    for folder in mm.settings.home.glob(f"{_NAME}*"):
        if folder.stat().st_mtime < time.time() - _LONGEST_REQUEST:
            shutil.rmtree(folder, ignore_errors=True)
