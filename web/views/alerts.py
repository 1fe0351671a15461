"""Being told: alerts, the newest first, a page for each, what other nodes took back, and which mails one gets."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation import opened
from matchmaker import news, notifications
from matchmaker.current import current_matchmaker as mm
from matchmaker.news import Alert
from matchmaker.store.notifications import Choice, Kind, State
from web import match_page, match_words, reading
from web.auth import current_user
from web.forms.account import MAILS
from web.match_page import Entry

bp = Blueprint("alerts", __name__, url_prefix="/alerts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An alert as the pages show it: what it says, and the match as it is now."""

    alert: Alert
    title: str
    entry: Entry


@bp.get("")
def index() -> str:
    """What the reader was told of, the newest day first; what was not looked at yet is marked."""
    skip = max(0, request.args.get("skip", 0, type=int))
    listed = news.list_(mm, by=current_user, skip=skip)
    return render_template(
        "alerts/index.html",
        rows=_rows(listed.alerts),
        older=skip + news.MOST if listed.n_more else None,
        n_new=news.n_new(mm, by=current_user),
        taken_back=[(one, match_words.name_of(one.stored.case)) for one in news.taken_back(mm, by=current_user)],
        mails=MAILS,
        chosen=notifications.choice_of(mm, current_user.email),
    )


@bp.get("/<alert_id>")
def show(alert_id: str) -> str:
    """One alert; whoever opens it has looked at it."""
    alert = news.open_(mm, alert_id, by=current_user)
    return render_template("alerts/show.html", row=_rows([alert])[0], mailed=_mailed(alert))


@bp.post("/seen")
def seen() -> Response:
    """Mark everything as looked at; matches stay as they are."""
    news.see_all(mm, by=current_user)
    return redirect(url_for("alerts.index"), code=303)


@bp.post("/mails")
def mails() -> Response | tuple[str, int]:
    """Choose which mails one gets."""
    try:
        choice = Choice(request.form.get("mails", ""))
    except ValueError:
        flash(_("Choose one of the three ways of being told by mail."), "danger")
        return redirect(url_for("alerts.index"), code=303)
    notifications.choose(mm, current_user.email, choice)
    flash(_("Saved."), "success")
    return redirect(url_for("alerts.index", _anchor="mails"), code=303)


def _rows(alerts: list[Alert] | tuple[Alert, ...]) -> list[Row]:
    shown = opened.open_all(mm, [alert.pair for alert in alerts], by=current_user)
    entries = [match_page.entry(one, reading.release()) for one in shown]
    rows = [
        Row(alert=alert, title=_title(alert, entry), entry=entry) for alert, entry in zip(alerts, entries, strict=True)
    ]
    return sorted(rows, key=_place)


def _place(row: Row) -> tuple[int, bool, float]:
    """The newest day first; of one day what colleagues said of a match, then the strongest."""
    told = row.alert.notified
    return -told.created_at.date().toordinal(), told.notice.kind is Kind.FOUND, -row.entry.score


def _title(alert: Alert, entry: Entry) -> str:
    titles: dict[Kind, str] = {
        Kind.FOUND: _("%(case)s resembles a case of %(node)s", case=entry.of, node=entry.node),
        Kind.CONFIRMED: _("%(node)s confirmed a match with %(case)s", case=entry.of, node=entry.node),
        Kind.RECONSIDERED: _("%(node)s took its word on %(case)s back", case=entry.of, node=entry.node),
    }
    return titles[alert.notified.notice.kind]


def _mailed(alert: Alert) -> str:
    names: dict[State, str] = {
        State.WAITING: _("with the next mail"),
        State.MAILED: _("by mail"),
        State.SILENT: _("on the pages alone"),
    }
    return names[alert.notified.state]
