"""Pairing with a node of our own kind, step by step."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation import nodes, pairing
from federation.client import client_of
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Forbidden, Invalid, NodeError
from matchmaker.model import NodeName
from web import forms, numbers
from web.auth import current_user
from web.forms.nodes import AcceptForm, InviteForm, WordsForm

Answer = str | Response | tuple[str, int]
bp = Blueprint("pairing", __name__, url_prefix="/pairing")


@bp.get("/")
def begin() -> str:
    """Invite a node, or take its invitation."""
    return _begin(InviteForm(formdata=None), AcceptForm(formdata=None))


@bp.post("/-/invite")  # no node is called so
def invite() -> Answer:
    """Make a code and show it once."""
    form = InviteForm()
    if not form.validate_on_submit():
        return _begin(form, AcceptForm(formdata=None)), 422
    name = NodeName((form.name.data or "").strip())
    try:
        code = pairing.invite(mm, name, base_url=(form.url.data or "").strip() or None, by=current_user)
    except Invalid as error:
        _say(form, error)
        return _begin(form, AcceptForm(formdata=None)), 422
    return render_template("pairing/code.html", name=name, code=code)


@bp.post("/-/accept")
def accept() -> Answer:
    """Meet the node that sent a code."""
    form = AcceptForm()
    if not form.validate_on_submit():
        return _begin(InviteForm(formdata=None), form), 422
    try:
        met = pairing.accept(mm, form.code.data or "", name=(form.name.data or "").strip() or None, by=current_user)
    except Invalid as error:
        _say(form, error)
        return _begin(InviteForm(formdata=None), form), 422
    except (NodeError, Forbidden) as error:
        flash(str(error), "danger")
        return _begin(InviteForm(formdata=None), form), 422
    return redirect(url_for("pairing.meet", name=met.name), code=303)


@bp.get("/<name>")
def meet(name: NodeName) -> str:
    """What the other node says of itself, and the words to compare."""
    return _meet(name, WordsForm(formdata=None))


@bp.post("/<name>")
def confirm(name: NodeName) -> Answer:
    """Say that the words are the same; when both sides have, tokens are exchanged and the connection is tried."""
    form = WordsForm()
    if not form.validate_on_submit():
        return _meet(name, form), 422
    try:
        met = pairing.confirm(mm, name, words=pairing.meet(mm, name, by=current_user).words, by=current_user)
    except NodeError as error:
        flash(str(error), "danger")
        return _meet(name, form), 422
    if not met.done:
        flash(_("Confirmed here. The nodes are paired once the other operator has confirmed too."), "success")
        return redirect(url_for("pairing.meet", name=name), code=303)
    found = nodes.ask_heartbeat(mm, name, client=client_of(mm), by=current_user)
    if found.error:
        flash(_("Paired. A first call failed: %(why)s", why=found.error), "warning")
    else:
        flash(
            _("Paired: it answered in %(seconds)s s, and both may ask.", seconds=numbers.hundredths(found.seconds)),
            "success",
        )
    return redirect(url_for("nodes.show", name=name), code=303)


def _begin(invite_form: InviteForm, accept_form: AcceptForm) -> str:
    return render_template("pairing/begin.html", invite=invite_form, accept=accept_form)


def _meet(name: NodeName, form: WordsForm) -> str:
    return render_template("pairing/meet.html", met=pairing.meet(mm, name, by=current_user), form=form)


def _say(form: InviteForm | AcceptForm, error: Invalid) -> None:
    for issue in forms.show(form, error):
        flash(str(issue), "danger")
