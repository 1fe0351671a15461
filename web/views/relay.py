"""Letters about two cases, for whoever has the alias: no account, and nobody's address."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation import conversing, visiting
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Invalid, NotFound, TooOften

bp = Blueprint("relay", __name__)
Answer = str | Response | tuple[str, int]


@bp.get("/relay/<alias>")
def show(alias: str) -> Answer:
    """Show what was written, and a form."""
    try:
        return _page(alias)
    except NotFound:
        return _gone()


@bp.post("/relay/<alias>")
def write(alias: str) -> Answer:
    """Take a letter; on an error what was typed stays."""
    text = request.form.get("text", "")
    try:
        visiting.receive(mm, alias, text)
    except NotFound:
        return _gone()
    except Invalid as error:
        return _page(alias, text=text, error=str(error.issues[0].message)), 422
    except TooOften as error:
        return _page(alias, text=text, error=str(error)), 429
    flash(_("Your letter was taken. An answer will stand on this page: keep its address."), "success")
    return redirect(url_for("relay.show", alias=alias), code=303)


def _page(alias: str, *, text: str = "", error: str = "") -> str:
    visit = visiting.opened(mm, alias)
    return render_template(
        "relay/show.html", alias=alias, visit=visit, longest=conversing.LONGEST, text=text, error=error
    )


def _gone() -> tuple[str, int]:
    return render_template("relay/gone.html"), 404
