"""A sheet as rows of named cells, whatever program wrote it: headings found, what is not understood said once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Protocol

from federation.spreadsheets.columns import column_of
from federation.spreadsheets.delimited import Delimited
from federation.spreadsheets.workbook import Workbook
from matchmaker.errors import Invalid, Issue
from matchmaker.texts import gettext as _

_LATEST_HEADINGS = 20  # rows in which the headings are looked for: some put a title above
_SEVERAL = {"findings", "findings not present", "genes", "notes", "diagnoses"}  # of which two columns are one
_TERM = re.compile(r"HP[:_]\d{7}", re.IGNORECASE)
_PRESENT = {"yes", "y", "1", "true", "x", "+", "present", "observed"}
_ABSENT = {"no", "n", "0", "false", "-", "absent", "excluded"}
_UNKNOWN = {"", "?", "unknown", "na", "n/a", "nd", "not known"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its cells by the names of our columns, and what is wrong with any of them."""

    number: int
    cells: Mapping[str, str]
    issues: tuple[Issue, ...] = ()


class Rows(Protocol):
    """A source of rows, each with its number."""

    warnings: list[Issue]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row with its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Headings:
    """Which column stands in which place; HPO terms as headings have a column each."""

    places: Mapping[int, str]
    terms: Mapping[int, str]
    texts: Sequence[str]
    warnings: tuple[Issue, ...] = field(default=())


def sheet(stream: IO[bytes], *, is_workbook: bool) -> Iterator[Row | Issue]:
    """Read a sheet row by row; an `Issue` is about the file as a whole.

    Raises
    ------
    Invalid
        When it cannot be read, or not read on; rows before were good.
    """
    source: Workbook | Delimited = Workbook(stream) if is_workbook else Delimited(stream)
    headings: _Headings | None = None
    n_rows = n_said = 0
    for number, cells in source.rows():
        yield from source.warnings[n_said:]
        n_said = len(source.warnings)
        if headings is None:
            n_rows += any(cells)
            headings = _headings(cells)
            if headings is not None:
                yield from headings.warnings
            elif n_rows >= _LATEST_HEADINGS:
                break
        elif any(cells) and not cells[0].startswith("#"):
            yield _row(number, cells, headings, source)
    if headings is None:
        unknown = _("has no row of headings that we know, such as id, findings, genes")
        raise Invalid([Issue(path="", message=unknown if n_rows else _("is empty"), remedy=_("use the template"))])


def _headings(cells: Sequence[str]) -> _Headings | None:
    """The places of the columns, if this row has at least an id or something to match by."""
    places: dict[int, str] = {}
    terms: dict[int, str] = {}
    warnings = []
    for place, heading in enumerate(cells):
        column = column_of(heading)
        if column is None:
            if _TERM.search(heading):
                terms[place] = heading
            elif heading:
                message = _("column %(heading)s is not known; not read", heading=repr(heading[:80]))
                warnings.append(
                    Issue(path="", message=message, remedy=_("give it the name of a column of the template"))
                )
        elif column in places.values() and column not in _SEVERAL:
            message = _(
                "column %(heading)s means %(column)s like another one; not read",
                heading=repr(heading[:80]),
                column=column,
            )
            warnings.append(Issue(path="", message=message, remedy=_("keep one of them")))
        else:
            places[place] = column
    known = set(places.values())
    if "id" not in known and len(known) < 2:
        return None
    return _Headings(places=places, terms=terms, texts=tuple(cells), warnings=tuple(warnings))


def _row(number: int, cells: Sequence[str], headings: _Headings, source: Rows) -> Row:
    named: dict[str, str] = dict.fromkeys(headings.places.values(), "")
    for place, column in headings.places.items():
        text = cells[place] if place < len(cells) else ""
        named[column] = "\n".join(filter(None, (named[column], text)))
    issues = []
    of_row = source.issues.pop(number, []) if isinstance(source, Workbook) else []
    for place, issue in of_row:
        heading = headings.texts[place] if place < len(headings.texts) else ""
        if heading:
            issues.append(replace(issue, path=headings.places.get(place, heading)))
    for place, term in headings.terms.items():
        said = (cells[place] if place < len(cells) else "").casefold()
        if said in _PRESENT or said in _ABSENT:
            column = "findings" if said in _PRESENT else "findings not present"
            named[column] = "\n".join(filter(None, (named.get(column, ""), term)))
        elif said not in _UNKNOWN:
            message = _("%(said)s is neither yes nor no; left out", said=repr(said[:80]))
            issues.append(Issue(path=term, message=message, remedy=_("write one of them")))
    return Row(number=number, cells=named, issues=tuple(issues))
