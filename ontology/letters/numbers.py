"""Findings that a letter gives as a bare number beside a name: a blood count, an enzyme, an IQ, weeks at birth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from matchmaker.model import TermId
from ontology.letters.english import ENGLISH
from ontology.letters.measurements import Measured

_UNITS = "|".join(sorted({entry["unit"] for entry in ENGLISH.numbers if entry.get("unit")}, key=len, reverse=True))
# An age or a date beside the name is not its value: "CK at 3 years was 900".
_VALUE = (
    r"(?P<value>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?![\d.,]*\d)"
    r"(?!\s*(?:-|–)?\s*(?:years?|yrs?|months?|days?|st|nd|rd|th)\b)"
)
_AGE = r"\d+(?:\.\d+)?[ -](?:years?|yrs?|months?|weeks?|days?)\b"
# What is said of one is not the value of the next: "ESR normal, Hb 110".
_BETWEEN = r"(?!\b(?:normal|and)\b)[^\d;,]"
_DIGIT = re.compile(r"\d")


def numbered(sentence: str) -> Iterator[Measured]:
    """The findings that the numbers of a sentence mean by the limits in `numbers.toml`; one for each name and place.

    A number without a unit is read in the first unit in which it is plausible; in none, it means nothing.
    """
    if not _DIGIT.search(sentence):
        return
    places: set[int] = set()
    for entry, named in zip(ENGLISH.numbers, _named(), strict=True):
        for found in named.finditer(sentence):
            term = _meaning(entry, found)
            if term is not None and found.start() not in places:
                places.add(found.start())
                yield Measured(start=found.start(), end=found.end(), term=term)


@cache
def _named() -> tuple[re.Pattern[str], ...]:
    """Compiled when they are first used: that takes a tenth of a second, and few processes read letters."""
    return tuple(
        re.compile(
            rf"(?<![\w-])(?:{entry['name']})(?![\w-])(?:{_BETWEEN}|{_AGE}){{0,30}}?{_VALUE}\s*(?P<unit>{_UNITS})?",
            re.IGNORECASE,
        )
        for entry in ENGLISH.numbers
    )


def _meaning(entry: dict[str, Any], found: re.Match[str]) -> TermId | None:
    value = float(found["value"].replace(",", ""))
    least, most = entry["plausible"]
    unit = found["unit"]
    if not least <= value <= most or (unit and not re.fullmatch(entry.get("unit", ""), unit, re.IGNORECASE)):
        return None
    for band in entry["bands"]:
        if band["from"] <= value < band["to"]:
            return TermId(band["term"])
    return None
