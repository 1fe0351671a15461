"""What the page of figures draws: a plot for each, and the same as a table."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from matchmaker.figures import LEAST, Exchanged, Figures
from web.plots import Form, Plot, Series


def plots(figures: Figures) -> list[Plot]:
    """What there is, what was found, and what was asked and answered."""
    labels = [month.strftime("%Y-%m") for month in figures.months]
    hidden = _("below %(n)s", n=LEAST)

    def bars(title: str, values: Sequence[float | None]) -> Plot:
        return Plot(title=title, labels=labels, series=[Series(name=title, values=values)], hidden=hidden)

    def lines(title: str, *series: tuple[str, Sequence[float | None]], unit: str = "") -> Plot:
        drawn = [Series(name=name, values=values, tone=tone) for tone, (name, values) in enumerate(series)]
        return Plot(title=title, labels=labels, series=drawn, form=Form.LINES, unit=unit, hidden=hidden)

    def requests(title: str, exchanged: Exchanged) -> Plot:
        return lines(title, (_("requests"), exchanged.n), (_("of them not answered"), exchanged.n_failed))

    received, sent = figures.received, figures.sent
    return [
        bars(_("Cases at the end of the month"), figures.cases),
        bars(_("Submitters"), figures.submitters),
        bars(_("Different candidate genes"), figures.genes),
        bars(_("Matches first seen in the month"), figures.matches),
        requests(_("Requests of other nodes"), received),
        requests(_("Requests to other nodes"), sent),
        lines(
            _("Time to answer"),
            (_("we, to other nodes"), received.seconds),
            (_("other nodes, to us"), sent.seconds),
            unit=_("seconds, mean"),
        ),
    ]
