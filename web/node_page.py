"""What the page of a node shows of its health: calls and times of thirty days, to be drawn."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from federation.node_overview import Detail
from matchmaker.store.node_health import Day
from web.plots import Form, Plot, Series


def plots(detail: Detail) -> list[Plot]:
    """Our calls to the node, how long it took, and its calls to us."""
    ours, theirs = detail.ours, detail.theirs
    seconds = [day.mean_seconds if day.n_calls else None for day in ours]
    return [
        _calls(_("Our calls to it, a day"), ours, _("answered"), _("failed")),
        Plot(
            title=_("How long it took, a day"),
            unit=_("seconds, mean"),
            labels=_labels(ours),
            series=[Series(name=_("seconds"), values=seconds)],
            form=Form.LINES,
            hidden=_("no call"),
        ),
        _calls(_("Its calls to us, a day"), theirs, _("answered"), _("refused")),
    ]


def _calls(title: str, days: Sequence[Day], well: str, badly: str) -> Plot:
    answered = [day.n_calls - day.n_failed for day in days]
    failed = [day.n_failed for day in days]
    return Plot(
        title=title,
        labels=_labels(days),
        series=[Series(name=well, values=answered), Series(name=badly, values=failed, tone=1)],
    )


def _labels(days: Sequence[Day]) -> list[str]:
    return [day.day.strftime("%m-%d") for day in days]
