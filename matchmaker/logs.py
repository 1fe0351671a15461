"""Logs: ids, counts and durations, as JSON lines in production and readable elsewhere; never what a case says.

Code logs with `structlog.get_logger()` or the standard library; both come out here. The text of an exception may quote
a case, so of an exception the log has its type and where it was raised, and not its message.
"""

from __future__ import annotations

import logging
import logging.config
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from matchmaker.settings import Mode

# What the libraries say at INFO is about themselves; huey would print the arguments of its tasks.
QUIET = ("alembic", "huey", "numba", "urllib3", "waitress")
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
