"""Which matches a list shows, by what the reader chose, and the same list as a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from federation.opened import Opened
from federation.spreadsheets.cells import safe
from matchmaker import wording
from matchmaker.store.matches import MatchStatus
from web import match_words
from web.match_page import Entry

Wanted = Callable[[Entry], bool]


def _open(entry: Entry) -> bool:
    return entry.status is not MatchStatus.DISMISSED


_SHOWN: Mapping[str, Wanted] = {
    "open": _open,
    "new": lambda entry: entry.status is MatchStatus.NEW,
    "gene": lambda entry: _open(entry) and bool(entry.genes),
    "findings": lambda entry: _open(entry) and not entry.genes,
    "confirmed": lambda entry: entry.status is MatchStatus.CONFIRMED or (_open(entry) and entry.confirmed_there),
    "aside": lambda entry: entry.status is MatchStatus.DISMISSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that the list can be narrowed to, and how many matches it would show."""

    value: str
    name: str
    n: int
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """The entries to show, and the choices beside them."""

    entries: Sequence[Entry]
    n_likely: int  # of the entries: behind them only faint ones follow
    kinds: Sequence[Choice]
    nodes: Sequence[Choice]
    n_independent: int  # of the entries, of one case: copies and relatives count once
    chosen: Mapping[str, Any]  # for links that keep the choice

    @property
    def likely(self) -> Sequence[Entry]:
        return self.entries[: self.n_likely]

    @property
    def faint(self) -> Sequence[Entry]:
        """What needs no look as long as there is better."""
        return self.entries[self.n_likely :]


def in_order(opened: Sequence[Opened], *, by_day: bool = False) -> list[Opened]:
    """Put the best first, by the score and then the probability as the reader sees them; `by_day`: the newest day's."""

    def place(one: Opened) -> tuple[int, float, float]:
        day = one.pair.match.first_seen.date().toordinal() if by_day else 0
        likely = one.finding.likelihood
        return -day, -round(one.finding.score.total, 2), -(likely.probability if likely else 0.0)

    return sorted(opened, key=place)


def narrow(entries: Sequence[Entry], *, kind: str, node: str) -> Narrowed:
    """Keep the entries of a kind and a node; what is not known shows all that is open."""
    kind = kind if kind in _SHOWN else "open"
    names = {
        "open": _("all"),
        "new": _("new"),
        "gene": _("gene shared"),
        "findings": _("findings only"),
        "confirmed": _("confirmed"),
        "aside": _("set aside"),
    }
    of_kind = [entry for entry in entries if _SHOWN[kind](entry)]
    nodes = sorted({entry.node for entry in of_kind})
    node = node if node in nodes else ""
    kinds = [
        Choice(value=value, name=names[value], n=sum(map(wanted, entries)), chosen=value == kind)
        for value, wanted in _SHOWN.items()
    ]
    per_node = [Choice(value=one, name=one, n=sum(e.node == one for e in of_kind), chosen=one == node) for one in nodes]
    shown = [entry for entry in of_kind if not node or entry.node == node]
    chosen = {name: value for name, value in (("show", kind if kind != "open" else ""), ("node", node)) if value}
    n_likely = max((place for place, entry in enumerate(shown, start=1) if not entry.faint), default=len(shown))
    n_independent = len({(entry.case_id, entry.group) for entry in shown if entry.group})
    return Narrowed(
        entries=shown,
        n_likely=n_likely,
        kinds=kinds,
        nodes=per_node,
        n_independent=n_independent,
        chosen=chosen,
    )


def as_csv(entries: Sequence[Entry]) -> str:
    """Spell a list for a spreadsheet, below it what it is for; no cell is a formula."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(
        [
            _("case"),
            _("node"),
            _("status"),
            _("first seen"),
            _("score"),
            _("probability"),
            _("shared genes"),
            _("shared findings"),
        ]
    )
    for entry in entries:
        cells = [entry.of, entry.node, entry.status_name, f"{entry.first_seen:%Y-%m-%d}", f"{entry.score:.2f}"]
        likely = match_words.likely(entry.likelihood, spell=wording.percent) if entry.likelihood else ""
        rows.writerow(map(safe, [*cells, likely, " ".join(entry.genes), "; ".join(entry.strongest)]))
    rows.writerow([])
    rows.writerow([_("For professionals to discuss cases."), _("Not for decisions on diagnosis or treatment.")])
    return out.getvalue()
