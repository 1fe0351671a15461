"""What this node says of itself: its heartbeat, and the counters of MME's metrics."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from federation.media_type import SUPPORTED_VERSIONS, vendor_type
from federation.notices import DISCLAIMER, TERMS
from matchmaker import __version__
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode
from matchmaker.store import metrics as counted
from matchmaker.store.metrics import Counters

KIN = "_matchmaker"  # by which nodes of our own kind know one another; what it holds is what they may send us


def heartbeat(mm: Matchmaker) -> dict[str, Any]:
    """Say that we are there, and what we speak: each type listed is one that `/match` answers."""
    said = {
        "production": mm.settings.mode is Mode.PRODUCTION,
        "version": __version__,
        "accept": [vendor_type(version) for version in SUPPORTED_VERSIONS],
    }
    return {"heartbeat": said, KIN: {"notices": True}, "disclaimer": DISCLAIMER, "terms": TERMS}


def metrics(mm: Matchmaker, *, today: dt.date) -> dict[str, Any]:
    """The thirteen counters as they leave the node: rounded, and the same all day long."""
    exact = counters_of(mm, today)
    said = {_on_the_wire(name): rounded(count) for name, count in asdict(exact).items()}
    return {"metrics": said | {"dateGenerated": today.isoformat()}, "disclaimer": DISCLAIMER, "terms": TERMS}


def counters_of(mm: Matchmaker, day: dt.date) -> Counters:
    """The exact counters of a day, counted when first asked for: for the node's own operators."""
    with mm.reading() as db:
        kept = counted.of_day(db, day)
        if kept is not None:
            return kept
        fresh = counted.count(db)
    with mm.transaction() as db:
        counted.keep(db, day, fresh)
        # Another process may have been first: a day has one answer.
        return counted.of_day(db, day) or fresh


def rounded(count: int) -> int:
    """Round a count that leaves the node: nothing in 1..9, then down to tens.

    Examples
    --------
    >>> rounded(9), rounded(10), rounded(4947)
    (0, 10, 4940)
    """
    return count - count % 10


def _on_the_wire(name: str) -> str:
    """Spell a counter as metrics-api.md does.

    Examples
    --------
    >>> _on_the_wire("number_of_unique_genes_matched")
    'numberOfUniqueGenesMatched'
    """
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
