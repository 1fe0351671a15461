"""Who is being answered now: background work of the same process lets them go first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

QUIET_SECONDS = 0.25  # after the last answer, before background work goes on
PATIENCE_SECONDS = 2.0  # that one task waits at most, so that a busy node still matches
_STEP = 0.05

Application = Callable[..., Iterable[bytes]]


class Traffic:
    """Counts the requests under way; any number of threads may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_under_way = 0
        self._last_end = float("-inf")  # on the monotonic clock

    def watched(self, application: Application) -> Application:
        """Wrap a WSGI application so that its requests are counted; ours build the whole answer before they return."""

        def counted(*arguments: Any) -> Iterable[bytes]:
            with self._lock:
                self._n_under_way += 1
            try:
                return application(*arguments)
            finally:
                with self._lock:
                    self._n_under_way -= 1
                    self._last_end = time.monotonic()

        return counted

    @property
    def quiet(self) -> bool:
        """Whether nobody is being answered, nor was a moment ago."""
        with self._lock:
            return self._n_under_way == 0 and time.monotonic() - self._last_end >= QUIET_SECONDS

    def let_pass(self, stopping: threading.Event | None = None) -> None:
        """Wait until it is quiet, or patience or the process ends."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not self.quiet and time.monotonic() < until:
            if stopping is None:
                time.sleep(_STEP)
            elif stopping.wait(_STEP):
                return
