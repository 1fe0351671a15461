"""The node that serves the current request."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app
from werkzeug.local import LocalProxy

from matchmaker.service import Matchmaker

_NAME = "matchmaker"


def attach(app: Flask, mm: Matchmaker) -> None:
    """Make `mm` the node of every request that `app` serves."""
    app.extensions[_NAME] = mm


def _current() -> Matchmaker:
    return cast(Matchmaker, current_app.extensions[_NAME])


current_matchmaker = cast(Matchmaker, LocalProxy(_current))
