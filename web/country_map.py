"""A schematic map of the countries whose nodes were asked, a square for each, with how they answered.

Where the countries lie is a fact of pytz's table of time zones, which ships with it; each stands in the free square
next to its place, and what lies outside of Europe at the edge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from matchmaker.asked_nodes import Asked, NodeState
from matchmaker.model import NodeName

WEST, EAST, NORTH, SOUTH = -29.0, 51.0, 72.0, 30.0  # degrees; what lies beyond stands at the edge
WIDE, HIGH = 5.0, 3.0  # degrees of a square
MIDDLE = (12.0, 50.0)  # where there is least room, and squares are given first
# The table begins with a far part of these countries; most of their people live here.
_MAIN = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
}
_BLANK = {"AL", "AT", "BA", "BE", "BG", "BY", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR"} | {
    *("HR", "HU", "IE", "IS", "IT", "LT", "LU", "LV", "MD", "ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS"),
    *("SE", "SI", "SK", "TR", "UA"),
}
_LINE = re.compile(r"^([A-Z]{2})\t([+-]\d{4,6})([+-]\d{5,7})\t(\S+)", re.MULTILINE)
_RANK = {Asked.ANSWERED: 0, Asked.FAILED: 1, Asked.WAITING: 2, Asked.NOT_ASKED: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """One country; `kind` is a word for its colour, and what it says is in the title too."""

    code: str
    column: int
    row: int
    kind: str
    n_found: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryMap:
    """The squares to draw, and how many columns and rows they fill."""

    squares: tuple[Square, ...]
    n_columns: int
    n_rows: int
    left: int
    top: int


def picture(ours: str | None, states: Sequence[NodeState], found: Mapping[NodeName, int]) -> CountryMap | None:
    """Draw the countries of the nodes with how they stand, and ours; None when no node has a known country.

    Parameters
    ----------
    found : mapping of node name to int
        How many similar cases each node told of.
    """
    by_country: dict[str, list[NodeState]] = {}
    for state in states:
        code = (state.node.country or "").upper()
        if code in _places():
            by_country.setdefault(code, []).append(state)
    if not by_country:
        return None
    codes = {*_BLANK, *by_country, *({ours.upper()} & _places().keys() if ours else ())}
    squares = [
        _square(code, at, by_country.get(code, []), found, is_ours=code == (ours or "").upper())
        for code, at in _settled(codes).items()
    ]
    columns, rows = [one.column for one in squares], [one.row for one in squares]
    return CountryMap(
        squares=tuple(squares),
        n_columns=max(columns) - min(columns) + 1,
        n_rows=max(rows) - min(rows) + 1,
        left=min(columns),
        top=min(rows),
    )


def country_name(code: str) -> str:
    """A country in the reader's language."""
    locale = get_locale()
    return str((locale.territories if locale else {}).get(code, code))


def _square(
    code: str, at: tuple[int, int], states: Sequence[NodeState], found: Mapping[NodeName, int], *, is_ours: bool
) -> Square:
    n_found = sum(found.get(state.node.name, 0) for state in states)
    if states:
        best = min(states, key=lambda state: _RANK[state.asked]).asked
        kind = "found" if n_found else best.name.lower().replace("_", "-")
    else:
        kind = "ours" if is_ours else "blank"
    said = [_("%(node)s: %(state)s", node=state.node.name, state=_word(state.asked)) for state in states]
    if n_found:
        said.append(ngettext("%(n)s similar case", "%(n)s similar cases", n_found, n=n_found))
    if is_ours:
        said.append(_("our node"))
    title = ", ".join([country_name(code), *said])
    return Square(code=code, column=at[0], row=at[1], kind=kind, n_found=n_found, title=title)


def _word(asked: Asked) -> str:
    names: dict[Asked, str] = {
        Asked.ANSWERED: _("answered"),
        Asked.FAILED: _("did not answer"),
        Asked.WAITING: _("is being asked"),
        Asked.NOT_ASKED: _("not asked"),
    }
    return names[asked]


def _settled(codes: set[str]) -> dict[str, tuple[int, int]]:
    """Give every country the free square next to its place."""
    places = _places()
    across, down = int((EAST - WEST) / WIDE), int((NORTH - SOUTH) / HIGH)
    free = {(column, row) for column in range(across) for row in range(down)}
    settled = {}
    for code in sorted(codes, key=lambda code: (_distance(places[code], MIDDLE), code)):
        east, north = places[code]
        x, y = (min(max(east, WEST), EAST) - WEST) / WIDE - 0.5, (NORTH - min(max(north, SOUTH), NORTH)) / HIGH - 0.5
        settled[code] = min(free, key=lambda at: (_distance((float(at[0]), float(at[1])), (x, y)), at))
        free.remove(settled[code])
    return settled


def _distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2


@cache
def _places() -> Mapping[str, tuple[float, float]]:
    """Degrees east and north of the main city of each country's first time zone."""
    text = (files("pytz") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    places: dict[str, tuple[float, float]] = {}
    for code, north, east, zone in _LINE.findall(text):
        if code not in places or _MAIN.get(code) == zone:
            places[code] = (_degrees(east, 3), _degrees(north, 2))
    return places


def _degrees(spelled: str, n_digits: int) -> float:
    """ISO 6709: sign, degrees, minutes and perhaps seconds."""
    sign, digits = (-1.0 if spelled[0] == "-" else 1.0), spelled[1:]
    return sign * (int(digits[:n_digits]) + int(digits[n_digits : n_digits + 2]) / 60.0)
