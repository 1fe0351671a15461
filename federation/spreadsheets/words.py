"""What single cells of a row say: choices, yes and no, dates, months and ages; what is not understood is noted."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from federation.extensions import is_age, is_month
from federation.spreadsheets.sheet import Row
from matchmaker.errors import Issue
from matchmaker.texts import gettext as _

Choice = TypeVar("Choice", bound=StrEnum)

SAYS_NOTHING = {"", "-", "?", "unknown", "na", "n/a", "none", "not known"}
_TRUTHS = {"yes": True, "true": True, "1": True, "y": True, "no": False, "false": False, "0": False, "n": False}
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d")
_AGE = re.compile(r"(?:(\d{1,3}) ?y(?:ears?)?)?,? ?(?:(\d{1,2}) ?m(?:onths?)?)?", re.IGNORECASE)
_FIRST_AGES = {"birth": "P0D", "at birth": "P0D", "antenatal": "prenatal", "prenatal": "prenatal"}


@dataclass(slots=True, kw_only=True)
class Words:
    """The cells of one row by the names of our columns, and what was wrong with them."""

    row: Row
    issues: list[Issue] = field(default_factory=list)

    def has(self, *columns: str) -> bool:
        """Does the sheet have one of these columns?"""
        return not self.row.cells.keys().isdisjoint(columns)

    def cell(self, column: str) -> str:
        """The text of a cell."""
        return self.row.cells.get(column, "").strip()

    def text(self, column: str) -> str | None:
        """The text of a cell; None when it says nothing."""
        found = self.cell(column)
        return None if found.casefold() in SAYS_NOTHING else found

    def choice(self, column: str, kind: type[Choice]) -> Choice | None:
        """One of the words of an enumeration."""
        text = self.text(column)
        if text is None:
            return None
        word = re.sub(r"[\s-]+", "_", text.casefold())
        found = next((member for member in kind if member.value == word), None)
        return found or self.left_out(column, text, ", ".join(member.value for member in kind))

    def truth(self, column: str) -> bool | None:
        """Yes or no."""
        text = self.text(column)
        if text is None:
            return None
        return _TRUTHS[text.casefold()] if text.casefold() in _TRUTHS else self.left_out(column, text, "yes or no")

    def date(self, column: str) -> dt.date | None:
        """A day."""
        text = self.text(column)
        return None if text is None else _date(text) or self.left_out(column, text, "a date such as 2026-01-31")

    def month(self, column: str) -> str | None:
        """A month; of a day the month is kept."""
        text = self.text(column)
        if text is None or is_month(text):
            return text
        day = _date(text)
        if day is not None:
            return f"{day:%Y-%m}"
        self.left_out(column, text, "a month such as 2019-06")
        return None

    def age(self, column: str) -> str | None:
        """An age, as people write it or as ISO 8601 does."""
        text = self.text(column)
        if text is None or is_age(text):
            return text
        if text.casefold() in _FIRST_AGES:
            return _FIRST_AGES[text.casefold()]
        said = _AGE.fullmatch(text)
        if said is None or not any(said.groups()):
            self.left_out(column, text, "an age such as 3 years 6 months, P3Y6M, birth or prenatal")
            return None
        years, months = said.groups()
        return f"P{f'{years}Y' if years else ''}{f'{months}M' if months else ''}"

    def left_out(self, column: str, text: str, wanted: str) -> Any:
        """Say that a cell is not understood; the answer is that nothing is stated."""
        message = _("%(text)s is not understood; left out", text=repr(text[:80]))
        self.issues.append(Issue(path=column, message=message, remedy=_("write %(wanted)s", wanted=wanted)))


def _date(text: str) -> dt.date | None:
    for form in _DATES:
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC).date()
        except ValueError:
            continue
    return None
