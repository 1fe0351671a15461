"""Signing in at the hospital's identity provider, and coming back from there."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from matchmaker import identities
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Unauthorised
from web import auth, identity_provider

bp = Blueprint("provider", __name__, url_prefix="/login/provider")
ONWARD = "onward"


@bp.get("/")
def leave() -> Response:
    """Go to the provider."""
    if not identity_provider.is_offered():
        abort(404)
    session[ONWARD] = auth.own_address(request.args.get("next"), otherwise=url_for("signing_in.welcome"))
    try:
        return identity_provider.leave()
    except Unauthorised as error:
        return _not_signed_in(error)


@bp.get("/back")
def back() -> Response:
    """Come back with what the provider says."""
    if not identity_provider.is_offered():
        abort(404)
    onward = auth.own_address(session.get(ONWARD), otherwise=url_for("signing_in.welcome"))
    try:
        identity = identity_provider.come_back(mm.settings)
        auth.keep(identities.sign_in(mm, identity, browser=auth.browser()))
    except Unauthorised as error:
        return _not_signed_in(error)
    return redirect(onward, code=303)


def _not_signed_in(error: Unauthorised) -> Response:
    flash(str(error), "danger")
    return redirect(url_for("signing_in.login"), code=303)
