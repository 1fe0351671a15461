"""Choosing the language of the pages, on any of them and also before signing in."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from matchmaker import own_account
from matchmaker.current import current_matchmaker as mm
from web import auth, languages

bp = Blueprint("language", __name__)


@bp.post("/language")
def choose() -> Response:
    """Remember it in this browser, and in the account of who is signed in; go back to where it was chosen."""
    answer = redirect(auth.own_address(request.form.get("next"), otherwise="/"), code=303)
    chosen = request.form.get("language", "")
    if chosen in languages.available():
        languages.remember(answer, chosen)
        if auth.signed_in():
            own_account.set_language(mm, chosen, by=auth.user_now())
    return answer
