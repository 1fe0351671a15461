"""gunicorn: several processes behind a proxy that speaks TLS. Needs PostgreSQL, and `matchmaker worker` beside it."""

from __future__ import annotations

import os

bind = os.environ.get("MATCHMAKER_BIND", "unix:/run/matchmaker/web.sock")
workers = int(os.environ.get("MATCHMAKER_WEB_PROCESSES", "3"))
worker_class = "gthread"
threads = 8
# Each process opens the node itself: connections, threads and the index do not survive a fork.
preload_app = False
timeout = 60  # a process that fills a large index at its start answers nothing meanwhile
graceful_timeout = 30
control_socket_disable = True  # signals are enough, and the home of the user is closed to it
errorlog = "-"  # the proxy keeps no log of addresses, and neither do we


def worker_exit(server: object, worker: object) -> None:
    """Sign the audit log before the process ends."""
    # Not above: what the first process has read, a reload does not read anew after an update.
    from web import wsgi

    wsgi.close()
