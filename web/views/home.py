"""The first page, which also says what the node knows and for whom it is."""

from __future__ import annotations

from flask import Blueprint, render_template

from matchmaker import __version__
from matchmaker.current import current_matchmaker as mm

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> str:
    return render_template("home.html", settings=mm.settings, release=mm.release, version=__version__)
