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
def opened(*, logged: bool = False) -> Iterator[Matchmaker]:
    """Open the node that the environment names, and close it at the end.

    `logged` is for what runs long; a single command says itself what happened, and logs errors alone.
    """
    from matchmaker.service import Matchmaker

    settings = Settings.load()
    if logged:
        from matchmaker import logs

        logs.configure(settings.mode)
    else:
        logging.basicConfig(level=logging.ERROR, format="%(message)s")
    with contextlib.closing(Matchmaker.open(settings)) as mm:
        yield mm
