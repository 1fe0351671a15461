"""`matchmaker serve`: pages, API and background work in one process."""

from __future__ import annotations

import gc
import signal
import sys
from types import FrameType

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened

THREADS = 8
SWITCH_SECONDS = 0.0005  # ten times as often as usual: background work gives way to an answer at each of its waits


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: any free one.")
def serve(host: str, port: int) -> None:
    """Serve pages and API and do the background work, until interrupted.

    Ready when /health/ready answers 200. SIGTERM and Ctrl-C let what was begun finish.
    """
    from waitress.server import create_server

    from matchmaker.errors import Unavailable
    from matchmaker.traffic import Traffic
    from matchmaker.worker import background
    from web.app import create_app

    with opened(logged=True) as mm:
        traffic = Traffic()
        try:
            server = create_server(traffic.watched(create_app(mm)), host=host, port=port, threads=THREADS, ident=None)
        except OSError as error:
            raise Unavailable(f"{host}:{port}", error.strerror or str(error), "choose another with --port") from error
        signal.signal(signal.SIGTERM, _leave)
        mm.warm()  # who asks meanwhile waits in the socket's queue
        _collect_seldom()
        sys.setswitchinterval(SWITCH_SECONDS)
        with background(mm, traffic=traffic):
            output.say(f"Serving at http://{server.effective_host}:{server.effective_port}")
            server.run()  # returns on SystemExit and KeyboardInterrupt, after the requests that were begun
        server.close()


def _collect_seldom() -> None:
    """What is loaded by now stays; to look through all of it for garbage would hold an answer up by 0.1 s."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 100)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
