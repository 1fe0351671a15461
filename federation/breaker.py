"""Whether to ask a node that failed lately: after five failures in a row it is left alone, but for a probe a minute.

The state is the record of our calls itself, in the database: it holds in every process, and over a restart.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from itertools import takewhile

from matchmaker.store.exchanges import Exchange

FAILURES = 5
PROBE_EVERY = dt.timedelta(minutes=1)
# A refusal is an answer: the node is up, and says no at once.
_FAILED = {"unreachable", "timeout", "invalid", "too-large"}


class Breaker(StrEnum):
    CLOSED = "closed"  # ask
    OPEN = "open"  # do not ask
    PROBE = "probe"  # ask for its heartbeat first


def breaker_of(latest: Sequence[Exchange], *, at: dt.datetime) -> Breaker:
    """Judge by our latest calls to one node, the newest first; `FAILURES` of them are enough."""
    failures = list(takewhile(lambda exchange: exchange.status in _FAILED, latest))
    if len(failures) < FAILURES:
        return Breaker.CLOSED
    return Breaker.PROBE if at - failures[0].at >= PROBE_EVERY else Breaker.OPEN
