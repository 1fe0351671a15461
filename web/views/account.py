"""The own account: password, second factor, sessions, API tokens, language and mails."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import segno
from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from matchmaker import api_tokens, notifications, own_account, second_factor
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Invalid, TooOften
from matchmaker.store.notifications import Choice
from web import auth, forms, languages
from web.auth import current_user
from web.forms.account import ChangePasswordForm, SettingsForm, TokenForm
from web.forms.signing_in import CodeForm

Answer = str | AnyResponse | tuple[str, int]
bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("/")
def index() -> str:
    """Everything about the own account."""
    return _page()


@bp.post("/password")
def password() -> Answer:
    """Change the password."""
    form = ChangePasswordForm(prefix="password-")
    if not form.validate_on_submit():
        return _page(password=form), 422
    found, address = auth.session_now(), auth.browser().address
    old, new = form.old.data or "", form.password.data or ""
    refused = _refused(
        lambda: own_account.change_password(mm, found.session, old=old, new=new, by=current_user, address=address),
        password=form,
    )
    return refused or _done(_("Your password is changed. Other sessions are signed out."))


@bp.post("/settings")
def settings() -> Answer:
    """Save language and mails."""
    form = _settings_form()
    if not form.validate_on_submit():
        return _page(settings=form), 422
    own_account.set_language(mm, form.language.data or None, by=current_user)
    notifications.choose(mm, current_user.email, Choice(form.mails.data))
    return _done(_("Saved."))


@bp.route("/second-factor", methods=["GET", "POST"])
def switch_on() -> Answer:
    """Set up codes of an app, and show the recovery codes once."""
    found, form = auth.session_now(), CodeForm()
    if found.account.has_second_factor:
        return redirect(url_for("account.index"), code=303)
    secret = second_factor.offer(mm, found.session)
    if form.validate_on_submit():
        try:
            codes = second_factor.switch_on(mm, found.session, form.code.data or "", by=current_user)
        except Invalid as error:
            forms.show(form, error)
        except TooOften as error:
            flash(str(error), "danger")
        else:
            return render_template("account/recovery_codes.html", codes=codes)
    return render_template("account/second_factor.html", form=form, secret=secret), 422 if form.errors else 200


@bp.get("/second-factor.svg")
def qr_code() -> Response:
    """The QR code for the app."""
    found, drawn = auth.session_now(), io.BytesIO()
    said = second_factor.address(mm, current_user, second_factor.offer(mm, found.session))
    segno.make(said, error="m").save(drawn, kind="svg", scale=5, border=4, light="#fff")
    return Response(drawn.getvalue(), content_type="image/svg+xml")


@bp.post("/second-factor/off")
def switch_off() -> Answer:
    """Ask for no more codes."""
    form = CodeForm(prefix="off-")
    if not form.validate_on_submit():
        return _page(off=form), 422
    refused = _refused(lambda: second_factor.switch_off(mm, form.code.data or "", by=current_user), off=form)
    return refused or _done(_("The second step is switched off."))


@bp.post("/recovery-codes")
def renew_recovery_codes() -> Answer:
    """Make new recovery codes, and show them once."""
    form = CodeForm(prefix="codes-")
    if not form.validate_on_submit():
        return _page(codes=form), 422
    made: list[str] = []
    refused = _refused(
        lambda: made.extend(second_factor.renew_recovery_codes(mm, form.code.data or "", by=current_user)), codes=form
    )
    return refused or render_template("account/recovery_codes.html", codes=made)


@bp.post("/sessions/<session_id>/end")
def end_session(session_id: str) -> Answer:
    """Sign one browser out."""
    own_account.end_session(mm, session_id, by=current_user)
    return _done(_("That browser is signed out."))


@bp.post("/sessions/end")
def end_sessions() -> Answer:
    """Sign all other browsers out."""
    own_account.end_other_sessions(mm, auth.session_now().session, by=current_user)
    return _done(_("All other browsers are signed out."))


@bp.post("/tokens")
def issue_token() -> Answer:
    """Make an API token, and show it once."""
    form = TokenForm(prefix="token-")
    if not form.validate_on_submit():
        return _page(token=form), 422
    try:
        made = api_tokens.issue(mm, form.read(), by=current_user)
    except Invalid as error:
        forms.show(form, error)
        return _page(token=form), 422
    return render_template("account/token.html", token=made)


@bp.post("/tokens/<token_id>/revoke")
def revoke_token(token_id: str) -> Answer:
    """Take an API token away."""
    api_tokens.revoke(mm, token_id, by=current_user)
    return _done(_("That token is good no more."))


def _refused(change: Callable[[], object], **form: FlaskForm) -> tuple[str, int] | None:
    """Do what a form asks; return the page again, with what is wrong, when it cannot be done."""
    try:
        change()
    except Invalid as error:
        for sent in form.values():
            forms.show(sent, error)
        return _page(**form), 422
    except TooOften as error:
        flash(str(error), "danger")
        return _page(**form), 429
    return None


def _page(**given: Any) -> str:
    """The page, with the form that was just sent in place of an empty one."""
    found = auth.session_now()
    shown = {
        "password": ChangePasswordForm(prefix="password-", formdata=None),
        "off": CodeForm(prefix="off-", formdata=None),
        "codes": CodeForm(prefix="codes-", formdata=None),
        "token": TokenForm(prefix="token-", formdata=None),
        "settings": None,
        **given,
    }
    shown["password"].account.data = found.account.email
    return render_template(
        "account/index.html",
        **{**shown, "settings": shown["settings"] or _settings_form()},
        account=found.account,
        session=found.session,
        sessions=own_account.sessions_of(mm, by=current_user),
        tokens=api_tokens.list_(mm, by=current_user),
        n_recovery_codes=own_account.n_recovery_codes(mm, by=current_user),
    )


def _settings_form() -> SettingsForm:
    now = {
        "language": auth.session_now().account.language or "",
        "mails": notifications.choice_of(mm, current_user.email).value,
    }
    form = SettingsForm(prefix="settings-", data=now)
    form.language.choices = forms.choices([("", _("As the browser asks")), *languages.available().items()])
    return form


def _done(said: str) -> AnyResponse:
    flash(said, "success")
    return redirect(url_for("account.index"), code=303)
