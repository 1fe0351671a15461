"""The figures of the node by month, as plots and tables."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from matchmaker import figures
from matchmaker.current import current_matchmaker as mm
from web import figures_page
from web.auth import current_user

bp = Blueprint("figures", __name__, url_prefix="/figures")
_OFFERED = (12, 24, 60)


@bp.get("/")
def index() -> str:
    """The last months: a year, unless more is asked for."""
    asked = request.args.get("months", 0, int)
    n_months = asked if asked in _OFFERED else _OFFERED[0]
    found = figures.figures(mm, by=current_user, n_months=n_months)
    return render_template("figures/index.html", plots=figures_page.plots(found), n_months=n_months, offered=_OFFERED)
