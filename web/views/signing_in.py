"""Signing in and out, and setting a password by a one-time link."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from matchmaker import accounts, own_account
from matchmaker import forgotten as asking
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Invalid, TooOften, Unauthorised
from web import auth, forms
from web.forms.signing_in import CodeForm, ForgottenForm, PasswordForm, SignInForm

Answer = str | Response | tuple[str, int]
bp = Blueprint("signing_in", __name__)


@bp.route("/login", methods=["GET", "POST"])
def login() -> Answer:
    """Sign in, and go on to where one wanted to."""
    if auth.signed_in():
        return redirect(_onward(), code=303)
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("signing_in/login.html", form=form)
    try:
        complete = auth.begin(form.email.data or "", form.password.data or "")
    except (Unauthorised, TooOften) as error:
        return _again("signing_in/login.html", form, error)
    if not complete:
        return redirect(url_for("signing_in.code", next=request.args.get("next")), code=303)
    return redirect(_onward(), code=303)


@bp.route("/login/code", methods=["GET", "POST"])
def code() -> Answer:
    """Sign in with the second factor, after the password."""
    if not auth.waits_for_code():
        return redirect(url_for("signing_in.login", next=request.args.get("next")), code=303)
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("signing_in/code.html", form=form)
    try:
        auth.complete(form.code.data or "")
    except Invalid as error:
        forms.show(form, error)
        return render_template("signing_in/code.html", form=form), 422
    except (Unauthorised, TooOften) as error:
        return _again("signing_in/code.html", form, error)
    if not own_account.n_recovery_codes(mm, by=auth.current_user):
        flash(_("You have no recovery codes left. Make new ones on the page of your account."), "warning")
    return redirect(_onward(), code=303)


@bp.route("/login/forgotten", methods=["GET", "POST"])
def forgotten() -> Answer:
    """Ask for a link to set a new password; the answer is the same for an address without an account."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return render_template("signing_in/forgotten.html", form=form)
    try:
        asking.ask(mm, form.email.data or "", address=auth.browser().address)
    except TooOften as error:
        return _again("signing_in/forgotten.html", form, error)
    return render_template("signing_in/forgotten.html", form=None)


@bp.get("/welcome")
def welcome() -> Response:
    """Go on to the first page of the own role."""
    return redirect(auth.first_page(), code=303)


@bp.post("/logout")
def logout() -> Response:
    """Sign out."""
    auth.end()
    flash(_("You are signed out."), "success")
    answer = redirect(url_for("signing_in.login"), code=303)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.route("/password/<token>", methods=["GET", "POST"])
def password(token: str) -> Answer:
    """Set a password by a one-time link."""
    account = accounts.invited(mm, token)
    form = PasswordForm()
    form.account.data = account.email
    if not form.validate_on_submit():
        return render_template("signing_in/password.html", form=form)
    try:
        accounts.set_password(mm, token, form.password.data or "")
    except Invalid as error:
        for issue in forms.show(form, error):
            flash(str(issue), "danger")
        return render_template("signing_in/password.html", form=form), 422
    flash(_("Your password is set. Sign in with it."), "success")
    return redirect(url_for("signing_in.login"), code=303)


def _onward() -> str:
    return auth.own_address(request.args.get("next"), otherwise=url_for("signing_in.welcome"))


def _again(template: str, form: FlaskForm, error: Unauthorised | TooOften) -> tuple[str, int]:
    flash(str(error), "danger")
    return render_template(template, form=form), 429 if isinstance(error, TooOften) else 401
