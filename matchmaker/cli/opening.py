"""This node, opened for the time of one command."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from matchmaker.settings import Settings

if TYPE_CHECKING:
    from matchmaker.service import Matchmaker


@contextlib.contextmanager
def opened(*, log_level: int = logging.ERROR) -> Iterator[Matchmaker]:
    """Open the node that the environment names, and close it at the end."""
    from matchmaker import logs
    from matchmaker.service import Matchmaker

    settings = Settings.load()
    logs.configure(settings.mode, level=log_level)
    with contextlib.closing(Matchmaker.open(settings)) as mm:
        yield mm
