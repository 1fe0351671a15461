"""Signing in and out, and setting a password by a one-time link."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matchmaker import accounts
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Invalid, Unauthorised
from web import auth, forms
from web.forms.signing_in import PasswordForm, SignInForm

bp = Blueprint("signing_in", __name__)


@bp.route("/login", methods=["GET", "POST"])
def login() -> str | Response | tuple[str, int]:
    """Sign in, and go on to where one wanted to."""
    onward = auth.own_address(request.args.get("next"), otherwise=url_for("home.index"))
    if auth.signed_in():
        return redirect(onward, code=303)
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("signing_in/login.html", form=form)
    try:
        auth.begin(form.email.data or "", form.password.data or "")
    except Unauthorised as error:
        flash(str(error), "danger")
        return render_template("signing_in/login.html", form=form), 401
    return redirect(onward, code=303)


@bp.post("/logout")
def logout() -> Response:
    """Sign out."""
    auth.end()
    flash(_("You are signed out."), "success")
    return redirect(url_for("signing_in.login"), code=303)


@bp.route("/password/<token>", methods=["GET", "POST"])
def password(token: str) -> str | Response | tuple[str, int]:
    """Set a password by a one-time link."""
    account = accounts.invited(mm, token)
    form = PasswordForm()
    if not form.validate_on_submit():
        return render_template("signing_in/password.html", form=form, email=account.email)
    try:
        accounts.set_password(mm, token, form.password.data or "")
    except Invalid as error:
        forms.show(form, error)
        return render_template("signing_in/password.html", form=form, email=account.email), 422
    flash(_("Your password is set. Sign in with it."), "success")
    return redirect(url_for("signing_in.login"), code=303)
