"""What stands at the top of every page: the areas that this role may open, in one order."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _l

from matchmaker import curating, news
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Unavailable
from web.access import ROUTES
from web.auth import current_user, signed_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One area, as a link; `current` when the page shown belongs to it."""

    label: str
    address: str
    current: bool
    n_new: int = 0


# The endpoint of each area's first page, and its name. What has no page yet is not shown.
AREAS = (
    ("cases.index", _l("My cases")),
    ("matches.index", _l("Matches")),
    ("alerts.index", _l("News")),
    ("imports.index", _l("Import")),
    ("worklist.index", _l("Work list")),
    ("nodes.index", _l("Nodes")),
    ("releases.index", _l("Releases")),
    ("accounts.index", _l("Accounts")),
    ("audit.index", _l("Audit")),
    ("figures.index", _l("Figures")),
    ("help.index", _l("Help")),
)
_PART_OF = {
    **dict.fromkeys(("entry", "sharing", "subjects", "diseases"), "cases"),
    "pairing": "nodes",
    "quality": "worklist",
    "writing": "matches",
}


def offer(app: Flask) -> None:
    """Give `navigation` to every template."""
    app.context_processor(lambda: {"navigation": links()})


def links() -> list[Link]:
    """Return the areas that exist and that this reader may open."""
    found = signed_in()
    if found is None:
        return []
    return [
        Link(
            label=str(label),
            address=url_for(endpoint),
            current=_area(request.endpoint) == _area(endpoint),
            n_new=_n_new(endpoint),
        )
        for endpoint, label in AREAS
        if endpoint in current_app.view_functions and found.user.role in ROUTES[endpoint].roles
    ]


def _n_new(endpoint: str) -> int:
    """What somebody should look at there; a page that says what is wrong shows without it."""
    counted = {"alerts.index": news.n_new, "worklist.index": curating.n_to_ask}.get(endpoint)
    if counted is None:
        return 0
    try:
        return counted(mm, by=current_user)
    except Unavailable:
        return 0


def _area(endpoint: str | None) -> str:
    area = (endpoint or "").partition(".")[0]
    return _PART_OF.get(area, area)
