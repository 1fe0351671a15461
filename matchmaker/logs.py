"""Logs: ids, counts and durations, as JSON lines in production and readable elsewhere; never what a case says.

Code logs with `structlog.get_logger()` or the standard library; both come out here. The text of an exception may quote
a case, so of an exception the log has its type and where it was raised, and not its message.
"""

from __future__ import annotations

import logging
import logging.config
import math
import sys
import threading
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from matchmaker.settings import Mode

# What the libraries say at INFO is about themselves; huey would print the arguments of its tasks.
QUIET = ("alembic", "huey", "numba", "urllib3", "waitress")
REPETITIVE = ("huey",)  # its threads look at the queue every second
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(mode: Mode, *, level: int = logging.INFO) -> None:
    """Send every log line to standard error: JSON in production, one readable line otherwise."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_message,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.addFilter(Sparingly(REPETITIVE))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(mode)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


class Sparingly(logging.Filter):
    """Lets a library that fails again and again say the same once a minute, with how often it was."""

    def __init__(self, names: tuple[str, ...], *, seconds: float = 60.0) -> None:
        super().__init__()
        self._names, self._seconds = names, seconds
        self._said: dict[tuple[str, str], tuple[float, int]] = {}
        self._counting = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(self._names):
            return True
        key, now = (record.name, str(record.msg)), time.monotonic()
        with self._counting:
            last, n_more = self._said.get(key, (-math.inf, 0))
            if now - last < self._seconds:
                self._said[key] = (last, n_more + 1)
                return False
            self._said[key] = (now, 0)
        if n_more:
            record.msg = f"{record.msg} (and {n_more} times before)"
        return True


def without_message(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its type and the place that raised it."""
    error = _error(event.pop("exc_info", None))
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        event["error"] = type(error).__name__
        event["raised_at"] = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else None
    return event


def _error(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return cast(ExcInfo, exc_info)[1]
    return sys.exc_info()[1] if exc_info else None


def _renderer(mode: Mode) -> Processor:
    if mode is Mode.PRODUCTION:
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
