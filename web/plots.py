"""Plots that pages draw as SVG and write as a table: bars that stand on each other, or lines.

A value of None is one that is not shown, such as a count below ten: a gap in the plot, and words in the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from web import numbers

WIDTH, HEIGHT = 320, 140  # of the drawing, in its own units; the page stretches it
LEFT, TOP, BOTTOM = 34, 6, 18
_GAP = 0.25  # of the room of a bar
_MARKS = (1.0, 2.0, 2.5, 5.0, 10.0)
_NOTHING = 1e-100  # below, a tenth of a number may be none


class Form(StrEnum):
    BARS = "bars"
    LINES = "lines"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One row of values; `tone` 0 to 2 is its colour, the first one the strongest."""

    name: str
    values: Sequence[float | None]
    tone: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One rectangle, and what is said when somebody points at it."""

    x: float
    y: float
    width: float
    height: float
    tone: int
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What of a series lies between two gaps."""

    points: str
    tone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A number beside the plot or below it."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What is drawn: a value of each series for each label."""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    form: Form = Form.BARS
    unit: str = ""
    hidden: str = ""  # what the table says in the place of None

    @property
    def empty(self) -> bool:
        """Is there nothing to draw?"""
        return not any(value for series in self.series for value in series.values)

    @property
    def withheld(self) -> bool:
        """Are there values that are not shown?"""
        return any(value is None for series in self.series for value in series.values)

    @property
    def top(self) -> float:
        """The value of the highest mark: above all values, and a round number."""
        if self.form is Form.BARS:
            columns = zip(*(series.values for series in self.series), strict=True)
            highest = max((sum(value or 0.0 for value in column) for column in columns), default=0.0)
        else:
            highest = max((value or 0.0 for series in self.series for value in series.values), default=0.0)
        return _round_above(highest)

    @property
    def marks(self) -> list[Mark]:
        """The numbers at the left: nothing, half and all."""
        return [Mark(at=self._y(share * self.top), text=_spelled(share * self.top)) for share in (0.0, 0.5, 1.0)]

    @property
    def captions(self) -> list[Mark]:
        """The first label, the middle one and the last."""
        places = sorted({0, len(self.labels) // 2, len(self.labels) - 1}) if self.labels else []
        return [Mark(at=self._middle(place), text=self.labels[place]) for place in places]

    @property
    def bars(self) -> list[Bar]:
        """The bars, from the ground up."""
        if self.form is not Form.BARS:
            return []
        found, grown = [], [0.0] * len(self.labels)
        for series in self.series:
            for place, value in enumerate(series.values):
                if value:
                    low, grown[place] = grown[place], grown[place] + value
                    found.append(self._bar(place, low=low, high=grown[place], series=series))
        return found

    @property
    def lines(self) -> list[Line]:
        """The lines, cut where a value is missing."""
        if self.form is not Form.LINES:
            return []
        return [Line(points=points, tone=series.tone) for series in self.series for points in self._pieces(series)]

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The same as a table: a label and its values."""
        return [
            (label, [self._said(series.values[place]) for series in self.series])
            for place, label in enumerate(self.labels)
        ]

    def _bar(self, place: int, *, low: float, high: float, series: Series) -> Bar:
        room = (WIDTH - LEFT) / len(self.labels)
        said = f"{self.labels[place]}: {series.name} {self._said(series.values[place])}"
        return Bar(
            x=round(self._middle(place) - room * (1 - _GAP) / 2, 2),
            y=round(self._y(high), 2),
            width=round(room * (1 - _GAP), 2),
            height=round(self._y(low) - self._y(high), 2),
            tone=series.tone,
            said=said,
        )

    def _pieces(self, series: Series) -> list[str]:
        pieces: list[list[str]] = [[]]
        for place, value in enumerate(series.values):
            if value is None:
                pieces.append([])
            else:
                pieces[-1].append(f"{self._middle(place):.1f},{self._y(value):.1f}")
        # A point between two gaps is a short line, or nobody would see it.
        return [" ".join(piece if len(piece) > 1 else piece * 2) for piece in pieces if piece]

    def _middle(self, place: int) -> float:
        return LEFT + (WIDTH - LEFT) * (place + 0.5) / len(self.labels)

    def _y(self, value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / self.top)

    def _said(self, value: float | None) -> str:
        return self.hidden if value is None else _spelled(value)


def _round_above(value: float) -> float:
    """Return the next number that is easily read.

    Examples
    --------
    >>> _round_above(0), _round_above(7), _round_above(0.13), _round_above(2300), _round_above(5e-324)
    (1.0, 10.0, 0.2, 2500.0, 1.0)
    """
    if value < _NOTHING:
        return 1.0
    size = 1.0
    while size > value:
        size /= 10
    while size * 10 <= value:
        size *= 10
    return next(mark * size for mark in _MARKS if mark * size >= value)


def _spelled(value: float) -> str:
    """Write a number without digits that say nothing."""
    return numbers.plain(value if value == int(value) else float(f"{value:.3g}"))
