"""Accounts, as an operator looks after them."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matchmaker import accounts, api_tokens, centres, handing_over, hands
from matchmaker.actors import Role
from matchmaker.current import current_matchmaker as mm
from matchmaker.current import matchmaker_of
from matchmaker.errors import Invalid
from matchmaker.store.accounts import Account
from web import forms
from web.auth import current_user
from web.forms.account import TokenForm
from web.forms.accounts import AddForm, CentreForm, DisableForm, HandOverForm, ResetForm, RoleForm

Answer = str | Response | tuple[str, int]
bp = Blueprint("accounts", __name__, url_prefix="/accounts")


@bp.get("/")
def index() -> str:
    """All accounts."""
    return _list(AddForm(formdata=None))


@bp.post("/")
def add() -> Answer:
    """Add an account; show its one-time link once."""
    form = AddForm()
    if not form.validate_on_submit():
        return _list(form), 422
    email, service = form.email.data or "", bool(form.service.data)
    try:
        made = accounts.add(
            mm, email, role=Role(form.role.data), centre=form.centre.data, by=current_user, service=service
        )
    except Invalid as error:
        forms.show(form, error)
        return _list(form), 422
    if service:
        return redirect(url_for("accounts.show", account_id=made), code=303)
    return render_template("accounts/link.html", email=email, link=accounts.link(mm.settings, made))


@bp.post("/-/centres/<centre_id>")  # no account is called so
def rename_centre(centre_id: str) -> Answer:
    """Call a centre something else."""
    form = CentreForm(prefix="centre-")
    if not form.validate_on_submit():
        return _list(AddForm(formdata=None)), 422
    try:
        name = centres.rename(mm, centre_id, form.name.data or "", by=current_user)
    except Invalid as error:
        for issue in error.issues:
            flash(str(issue), "danger")
        return _list(AddForm(formdata=None)), 422
    flash(_("The centre is called %(name)s now.", name=name), "success")
    return redirect(url_for("accounts.index"), code=303)


@bp.get("/<account_id>")
def show(account_id: str) -> str:
    """One account, and what can be done with it."""
    return _show(accounts.get(mm, account_id, by=current_user))


@bp.post("/<account_id>/role")
def role(account_id: str) -> Answer:
    """Give somebody another role."""
    form = RoleForm()
    if form.validate_on_submit():
        try:
            accounts.change_role(mm, account_id, Role(form.role.data), by=current_user)
        except Invalid as error:
            return _refused(account_id, error)
        flash(_("The role is changed; the account is signed out everywhere."), "success")
    return redirect(url_for("accounts.show", account_id=account_id), code=303)


@bp.post("/<account_id>/disable")
def disable(account_id: str) -> Answer:
    """Let somebody out at once."""
    return _set_enabled(account_id, enabled=False, with_cases=bool(DisableForm().with_cases.data))


@bp.post("/<account_id>/hand-over")
def hand_over(account_id: str) -> Answer:
    """Give the cases of an account to another one."""
    account, form = accounts.get(mm, account_id, by=current_user), HandOverForm()
    if not form.validate_on_submit():
        return _show(account, hand_over=form), 422
    try:
        n_cases = handing_over.hand_over(mm, account_id, form.to.data or "", by=current_user)
    except Invalid as error:
        for issue in forms.show(form, error):
            flash(str(issue), "danger")
        return _show(account, hand_over=form), 422
    hands.nudge(matchmaker_of(current_app))
    flash(_("%(n)s cases are %(to)s's now.", n=n_cases, to=form.to.data), "success")
    return redirect(url_for("accounts.show", account_id=account_id), code=303)


@bp.post("/<account_id>/sessions/end")
def end_sessions(account_id: str) -> Answer:
    """Sign somebody out everywhere."""
    accounts.end_sessions(mm, account_id, by=current_user)
    flash(_("Signed out everywhere."), "success")
    return redirect(url_for("accounts.show", account_id=account_id), code=303)


@bp.post("/<account_id>/enable")
def enable(account_id: str) -> Answer:
    """Let somebody in again."""
    return _set_enabled(account_id, enabled=True)


@bp.post("/<account_id>/reset")
def reset(account_id: str) -> Answer:
    """Make a new one-time link and show it once."""
    account, form = accounts.get(mm, account_id, by=current_user), ResetForm()
    try:
        token = accounts.reset(mm, account_id, by=current_user, second_factor=bool(form.second_factor.data))
    except Invalid as error:
        return _refused(account_id, error)
    return render_template("accounts/link.html", email=account.email, link=accounts.link(mm.settings, token))


@bp.post("/<account_id>/tokens")
def issue_token(account_id: str) -> Answer:
    """Make an API token for a program and show it once."""
    account, form = accounts.get(mm, account_id, by=current_user), TokenForm(prefix="token-")
    if not form.validate_on_submit():
        return _show(account, form), 422
    try:
        made = api_tokens.issue(mm, form.read(), by=current_user, account_id=account_id)
    except Invalid as error:
        return _refused(account_id, error)
    return render_template("account/token.html", token=made)


@bp.post("/<account_id>/tokens/<token_id>/revoke")
def revoke_token(account_id: str, token_id: str) -> Answer:
    """Take an API token away."""
    api_tokens.revoke(mm, token_id, by=current_user, account_id=account_id)
    flash(_("That token is good no more."), "success")
    return redirect(url_for("accounts.show", account_id=account_id), code=303)


def _set_enabled(account_id: str, *, enabled: bool, with_cases: bool = False) -> Answer:
    try:
        accounts.set_enabled(mm, account_id, enabled=enabled, by=current_user, with_cases=with_cases)
    except Invalid as error:
        return _refused(account_id, error)
    flash(_("The account is enabled.") if enabled else _("The account is disabled and signed out."), "success")
    return redirect(url_for("accounts.show", account_id=account_id), code=303)


def _list(form: AddForm) -> str:
    return render_template(
        "accounts/index.html",
        accounts=accounts.list_(mm, by=current_user),
        centres=centres.list_(mm, by=current_user),
        form=form,
        rename=CentreForm(prefix="centre-", formdata=None),
    )


def _show(account: Account, token: TokenForm | None = None, *, hand_over: HandOverForm | None = None) -> str:
    known = accounts.list_(mm, by=current_user)
    return render_template(
        "accounts/show.html",
        account=account,
        n_cases=handing_over.owned(mm, account.id, by=current_user),
        clinicians=[one for one in known if one.role is Role.CLINICIAN and one.enabled and one.id != account.id],
        hand_over=hand_over or HandOverForm(formdata=None),
        disable=DisableForm(formdata=None),
        sessions=accounts.sessions_of(mm, account.id, by=current_user),
        role=RoleForm(formdata=None, data={"role": account.role.value}),
        reset=ResetForm(formdata=None),
        token=token or TokenForm(prefix="token-", formdata=None),
        tokens=api_tokens.list_(mm, by=current_user, account_id=account.id),
    )


def _refused(account_id: str, error: Invalid) -> tuple[str, int]:
    flash(str(error), "danger")
    return _show(accounts.get(mm, account_id, by=current_user)), 422
