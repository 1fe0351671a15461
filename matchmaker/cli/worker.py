"""`matchmaker worker`: background work alone."""

from __future__ import annotations

import signal
import threading

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened


@click.command()
def worker() -> None:
    """Do the background work alone, beside several web processes, until interrupted."""
    from matchmaker.worker import background

    interrupted = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: interrupted.set())
    with opened(logged=True) as mm, background(mm):
        output.say("Working; stop with Ctrl-C")
        interrupted.wait()
