"""The grid of two cases as a drawing: our findings down, theirs across, darker where two of them say more together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from matchmaker.model import TermId
from ontology.releases import Release
from scoring.grid import Grid
from web.comparison import Labelled, labelled, organ_system

CELLS = ((15, 24), (40, 17), (10_000, 12))  # up to so many findings on the longer side: so many units a cell
LONGEST = 34  # characters of a name in the drawing; all of it is in its title and in the table
WIDTH = 0.62  # of a character, in parts of its height, with some to spare
GAP = 12  # units around names
LEAST = 0.08  # of the darkest: below that there is nothing to see
NEAR, FAR = 0.5, 0.2  # of the darkest: words for eyes, thresholds of nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A finding beside the grid; `place` is its middle, `first` says that another organ system begins with it."""

    term: Labelled
    short: str
    place: float
    edge: int
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Two findings that say something together; the title is what a pointer shows."""

    x: int
    y: int
    opacity: float
    same: bool
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """A finding of ours with the nearest one of the other side, for the table; None: nothing is near."""

    here: Labelled
    there: Labelled | None
    both: Labelled | None
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GridPicture:
    """All that a template needs to draw the grid and to say it in a table."""

    cell: int
    font: float
    left: int  # of the squares, beside the names of the rows
    top: int
    width: int
    height: int
    rows: tuple[Name, ...]
    columns: tuple[Name, ...]
    cells: tuple[Cell, ...]
    nearest: tuple[Nearest, ...]


def picture(grid: Grid, release: Release) -> GridPicture:
    """Lay a grid out, both sides by organ system; without findings on either side there is nothing to draw."""
    down = _ordered(grid.query, grid.values.max(axis=1, initial=0.0), release)
    across = _ordered(grid.match, grid.values.max(axis=0, initial=0.0), release)
    cell = next(size for most, size in CELLS if max(len(down), len(across)) <= most)
    font = min(13.0, cell * 0.85)
    left, top = (_room([release.hpo.label(t) or "" for t in terms], font) for terms in (grid.query, grid.match))
    rows = _names(grid.query, down, release, cell=cell, begin=top)
    columns = _names(grid.match, across, release, cell=cell, begin=left)
    cells = [
        Cell(
            x=column.edge,
            y=row.edge,
            opacity=round(float(grid.values[i, j]), 2),
            same=grid.query[i] == grid.match[j],
            title=_said(row.term, column.term, labelled(release, grid.mica[i][j])),
        )
        for i, row in zip(down, rows, strict=True)
        for j, column in zip(across, columns, strict=True)
        if grid.values[i, j] >= LEAST
    ]
    return GridPicture(
        cell=cell,
        font=font,
        left=left,
        top=top,
        width=left + cell * len(across) + GAP,
        height=top + cell * len(down) + GAP,
        rows=rows,
        columns=columns,
        cells=tuple(cells),
        nearest=tuple(_nearest(grid, i, release) for i in down),
    )


def _ordered(terms: Sequence[TermId], best: Sequence[float], release: Release) -> list[int]:
    """Organ systems together, the one with the most telling finding first, and so within each."""
    systems = [organ_system(release, term) for term in terms]
    strongest = {system: max(b for s, b in zip(systems, best, strict=True) if s == system) for system in set(systems)}
    return sorted(range(len(terms)), key=lambda i: (-strongest[systems[i]], systems[i], -best[i], terms[i]))


def _room(labels: Sequence[str], font: float) -> int:
    longest = max((min(len(label), LONGEST) for label in labels), default=0)
    return int(longest * font * WIDTH) + GAP


def _names(
    terms: Sequence[TermId], order: Sequence[int], release: Release, *, cell: int, begin: int
) -> tuple[Name, ...]:
    names, before = [], ""
    for place, index in enumerate(order):
        term, system = labelled(release, terms[index]), organ_system(release, terms[index])
        short = term.label if len(term.label) <= LONGEST else f"{term.label[: LONGEST - 1]}…"
        edge = begin + place * cell
        names.append(Name(term=term, short=short, place=edge + cell * 0.7, edge=edge, first=system != before))
        before = system
    return tuple(names)


def _said(here: Labelled, there: Labelled, both: Labelled) -> str:
    if here.id == there.id:
        same: str = _("%(finding)s: the same finding", finding=here.label)
        return same
    said: str = _("%(here)s and %(there)s: both %(both)s", here=here.label, there=there.label, both=both.label)
    return said


def _nearest(grid: Grid, row: int, release: Release) -> Nearest:
    here = labelled(release, grid.query[row])
    best = int(grid.values[row].argmax()) if grid.match else 0
    value = float(grid.values[row, best]) if grid.match else 0.0
    if value < LEAST:
        return Nearest(here=here, there=None, both=None, how=_("nothing near it"))
    there, both = labelled(release, grid.match[best]), labelled(release, grid.mica[row][best])
    if here.id == there.id:
        how = _("the same finding")
    else:
        how = _("says much") if value >= NEAR else _("says something") if value >= FAR else _("says little")
    return Nearest(here=here, there=there, both=both, how=how)
