"""The node that serves the current request."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app, g
from werkzeug.local import LocalProxy

from matchmaker.service import Matchmaker

_NAME = "matchmaker"


def attach(app: Flask, mm: Matchmaker) -> None:
    """Make `mm` the node of every request that `app` serves."""
    app.extensions[_NAME] = mm


def matchmaker_of(app: Flask) -> Matchmaker:
    """Return the node that an application serves."""
    return cast(Matchmaker, app.extensions[_NAME])


def _current() -> Matchmaker:
    # One request ranks, explains and shows with one release, whatever is adopted meanwhile.
    if _NAME not in g:
        setattr(g, _NAME, matchmaker_of(current_app).pinned())
    return cast(Matchmaker, getattr(g, _NAME))


current_matchmaker = cast(Matchmaker, LocalProxy(_current))
