"""Other nodes, as an operator looks after them."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation import node_overview, nodes
from federation.client import client_of
from federation.node_overview import Detail
from matchmaker import alarming
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Invalid, NotFound
from matchmaker.model import NodeName
from web import forms, node_page, numbers
from web.auth import current_user
from web.forms.nodes import AddForm, ChangeForm, TokenForm

Answer = str | Response | tuple[str, int]
bp = Blueprint("nodes", __name__, url_prefix="/nodes")


@bp.get("/")
def index() -> str:
    """All nodes and how they stand."""
    shown = node_overview.overview(mm, by=current_user)
    return render_template("nodes/index.html", shown=shown, add=AddForm(formdata=None))


@bp.post("/")
def add() -> Answer:
    """Register a node of another kind."""
    form = AddForm()
    if form.validate_on_submit():
        name = NodeName((form.name.data or "").strip())
        try:
            token, country = (form.token.data or "").strip() or None, (form.country.data or "").strip() or None
            nodes.add(mm, name, base_url=(form.url.data or "").strip(), token=token, country=country, by=current_user)
        except Invalid as error:
            for issue in forms.show(form, error):
                flash(str(issue), "danger")
        else:
            flash(_("%(name)s can be asked. Test the connection next.", name=name), "success")
            return redirect(url_for("nodes.show", name=name), code=303)
    return render_template("nodes/index.html", shown=node_overview.overview(mm, by=current_user), add=form), 422


@bp.get("/<name>")
def show(name: NodeName) -> str:
    """One node: what is registered, how its calls went, what it was told, what it may still learn."""
    detail = node_overview.detail(mm, name, by=current_user)
    return _show(detail, _change_form(detail))


@bp.post("/<name>")
def change(name: NodeName) -> Answer:
    """Change what is registered of a node."""
    detail, form = node_overview.detail(mm, name, by=current_user), ChangeForm()
    if form.validate_on_submit():
        try:
            _change(detail, form)
        except Invalid as error:
            for issue in forms.show(form, error):
                flash(str(issue), "danger")
        else:
            flash(_("It is noted."), "success")
            return redirect(url_for("nodes.show", name=name), code=303)
    return _show(detail, form), 422


@bp.post("/<name>/test")
def test(name: NodeName) -> Response:
    """Ask a node whether it is there, now."""
    found = nodes.ask_heartbeat(mm, name, client=client_of(mm), by=current_user)
    if found.error:
        flash(_("%(name)s did not answer: %(why)s", name=name, why=found.error), "danger")
    else:
        told = _("%(name)s answered in %(seconds)s s.", name=name, seconds=numbers.hundredths(found.seconds))
        software = _("It runs version %(version)s.", version=found.software) if found.software else ""
        kin = _("It is of our own kind.") if found.kin else _("It is of another kind: it takes no notices.")
        flash(f"{told} {software} {kin}", "success")
    return redirect(url_for("nodes.show", name=name), code=303)


@bp.post("/<name>/issue")
def issue(name: NodeName) -> str:
    """Make the token with which a node asks us, and show it once."""
    node_overview.detail(mm, name, by=current_user)  # one that is not registered is not made by a slip
    token = nodes.issue_token(mm, name, by=current_user)
    return render_template("nodes/token.html", name=name, token=token)


@bp.post("/<name>/token")
def token(name: NodeName) -> Answer:
    """Use the next token of a node."""
    detail, form = node_overview.detail(mm, name, by=current_user), TokenForm(prefix="token-")
    base_url = detail.standing.node.base_url
    if base_url is None:
        raise NotFound("address of", name)
    if form.validate_on_submit():
        try:
            nodes.add(mm, name, base_url=base_url, token=(form.token.data or "").strip(), by=current_user)
        except Invalid as error:
            forms.show(form, error)
        else:
            flash(_("We ask %(name)s with this token from now on.", name=name), "success")
            return redirect(url_for("nodes.show", name=name), code=303)
    return _show(detail, _change_form(detail), form), 422


@bp.post("/<name>/pause")
def pause(name: NodeName) -> Response:
    """Stop a node at once, in both directions."""
    nodes.disable(mm, name, by=current_user)
    flash(_("%(name)s is not asked and may not ask, from now on.", name=name), "success")
    return redirect(url_for("nodes.show", name=name), code=303)


@bp.post("/<name>/resume")
def resume(name: NodeName) -> Response:
    """Let a node take part again."""
    nodes.enable(mm, name, by=current_user)
    flash(_("%(name)s takes part again.", name=name), "success")
    return redirect(url_for("nodes.show", name=name), code=303)


@bp.get("/<name>/remove")
def ask_remove(name: NodeName) -> str:
    """What removing means, and the button."""
    return render_template("nodes/remove.html", detail=node_overview.detail(mm, name, by=current_user))


@bp.post("/<name>/remove")
def remove(name: NodeName) -> Response:
    """Forget a node and its tokens."""
    nodes.remove(mm, name, by=current_user)
    flash(_("%(name)s is forgotten, and its tokens with it.", name=name), "success")
    return redirect(url_for("nodes.index"), code=303)


@bp.post("/-/alarms/<alarm_id>")  # no node is called so
def acknowledge(alarm_id: str) -> Response:
    """Say that an alarm was seen."""
    name = alarming.acknowledge(mm, alarm_id, by=current_user)
    flash(_("The alarm is acknowledged; it is open again if the same goes on."), "success")
    return redirect(url_for("nodes.show", name=name), code=303)


def _change(detail: Detail, form: ChangeForm) -> None:
    node = detail.standing.node
    changed = replace(
        node,
        base_url=(form.url.data or "").strip() or None,
        country=(form.country.data or "").strip().upper() or None,
        jurisdiction=(form.jurisdiction.data or "").strip().upper() or None,
        transfer_basis=(form.transfer_basis.data or "").strip() or None,
        operator_mail=(form.operator_mail.data or "").strip() or None,
        declared_cases=form.declared_cases.data,
    )
    nodes.change(mm, changed, by=current_user)
    if bool(form.must_sign.data) is not bool(node.must_sign):
        nodes.require_signatures(mm, node.name, required=bool(form.must_sign.data), by=current_user)


def _change_form(detail: Detail) -> ChangeForm:
    node = detail.standing.node
    return ChangeForm(formdata=None, obj=node, url=node.base_url)


def _show(detail: Detail, form: ChangeForm, token_form: TokenForm | None = None) -> str:
    return render_template(
        "nodes/show.html",
        detail=detail,
        node=detail.standing.node,
        plots=node_page.plots(detail),
        change=form,
        token=token_form or TokenForm(prefix="token-", formdata=None),
    )
