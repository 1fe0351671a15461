"""Programs that start at once: forked from a process that has imported everything, and killed like any other."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import IO

_PRELOADED = "benchmarks._preloaded"
Main = Callable[[Sequence[str]], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forked:
    """A process that runs, and what it writes on standard output."""

    process: BaseProcess
    stdout: IO[str]

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.join()

    def poll(self) -> int | None:
        """Say how it ended; None while it runs."""
        return self.process.exitcode


@contextmanager
def forked(main: Main, arguments: Sequence[str], *, environment: Mapping[str, str]) -> Iterator[Forked]:
    """Run a function of a module as a program until the block ends."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_PRELOADED])
    reading, writing = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(writing, main, list(arguments), dict(environment)))
    process.start()
    writing.close()  # so that reading ends when the process does
    with os.fdopen(os.dup(reading.fileno()), encoding="utf-8") as stdout:
        reading.close()
        program = Forked(process=process, stdout=stdout)
        try:
            yield program
        finally:
            program.kill()


def _run(stdout: Connection, main: Main, arguments: list[str], environment: dict[str, str]) -> None:
    os.dup2(stdout.fileno(), 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.environ.clear()
    os.environ.update(environment)
    main(arguments)
