"""The application for a server of several processes: `gunicorn --config deploy/gunicorn.conf.py "web.wsgi:create()"`.

Background work is not in it: run `matchmaker worker` beside it.
"""

from __future__ import annotations

import contextlib

from flask import Flask

from matchmaker import logs
from matchmaker.following import following
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from web.app import create_app

_open = contextlib.ExitStack()  # until the process ends


def create() -> Flask:
    """Open the node that the environment names, fill its index, and follow the release in use.

    Call it in the process that serves: connections and threads do not survive a fork.
    """
    settings = Settings.load()
    logs.configure(settings.mode)
    mm = _open.enter_context(contextlib.closing(Matchmaker.open(settings)))
    mm.warm()
    app = create_app(mm)
    _open.enter_context(following(mm))
    return app


def close() -> None:
    """Sign what is left of the audit log and give the connections back."""
    _open.close()
