"""Times of Phenopackets as HPO's classes of onset and our bands of age, and back; no finer than a peer could need."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from matchmaker.model import AgeBand, TermId

Value = TypeVar("Value")

_DAYS = {"Y": 365.25, "M": 30.4375, "W": 7.0, "D": 1.0}
_DURATION = re.compile(r"P((?:[0-9]+(?:\.[0-9]+)?[YMWD])+)(?:T[0-9.HMS]*)?|P?T[0-9.HMS]+", re.IGNORECASE)
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)([YMWD])", re.IGNORECASE)

# HPO's definitions: from how many days on each class of onset begins.
_ONSETS = [
    (0, TermId("HP:0003577")),  # congenital
    (1, TermId("HP:0003623")),  # neonatal, to 28 days
    (28, TermId("HP:0003593")),  # infantile, to 1 year
    (365, TermId("HP:0011463")),  # childhood, to 5 years
    (5 * 365.25, TermId("HP:0003621")),  # juvenile, to 15 years
    (16 * 365.25, TermId("HP:0011462")),  # young adult, to 40 years
    (40 * 365.25, TermId("HP:0003596")),  # middle age, to 60 years
    (60 * 365.25, TermId("HP:0003584")),  # late
]
_ADULT_ONSET = TermId("HP:0003581")
_ADULT_ONSETS = {"HP:0011462", "HP:0003596", "HP:0003584"}
_EMBRYONAL_ONSET, _FETAL_ONSET = TermId("HP:0011460"), TermId("HP:0011461")
_FETAL_FROM_WEEK = 11  # after conception week 8, counted from the last menstruation

_BANDS = [
    (0, AgeBand.NEWBORN),
    (28, AgeBand.INFANT),
    (365, AgeBand.CHILD),
    (12 * 365.25, AgeBand.ADOLESCENT),
    (18 * 365.25, AgeBand.ADULT),
]
_BAND_DURATIONS = {
    AgeBand.NEWBORN: ("P0D", "P27D"),
    AgeBand.INFANT: ("P28D", "P11M"),
    AgeBand.CHILD: ("P1Y", "P11Y"),
    AgeBand.ADOLESCENT: ("P12Y", "P17Y"),
    AgeBand.ADULT: ("P18Y", "P120Y"),
}


def days(duration: Any) -> float | None:
    """Read the days of an ISO 8601 duration; None for what is none.

    Examples
    --------
    >>> days("P2W"), days("P1Y"), days("PT6H"), days("3 years")
    (14.0, 365.25, 0.0, None)
    """
    text = duration.strip() if isinstance(duration, str) else ""
    if not _DURATION.fullmatch(text):
        return None
    date = text.upper().partition("T")[0]
    return sum((float(number) * _DAYS[unit] for number, unit in _PART.findall(date)), 0.0)


def onset_of(time: Any) -> str | None:
    """Read a TimeElement as an HPO onset; dates are not, since a birth date is not kept.

    Examples
    --------
    >>> onset_of({"age": {"iso8601duration": "P3Y"}}), onset_of({"ontologyClass": {"id": "HP:0003577"}})
    ('HP:0011463', 'HP:0003577')
    """
    if not isinstance(time, Mapping):
        return None
    if isinstance(stated := time.get("ontologyClass"), Mapping):
        return stated.get("id")
    if isinstance(weeks := _weeks(time), int):
        return _FETAL_ONSET if weeks >= _FETAL_FROM_WEEK else _EMBRYONAL_ONSET
    first, last = _ends(time)
    if first is None or last is None:
        return None
    earliest, latest = _step(_ONSETS, first), _step(_ONSETS, last)
    if earliest == latest:
        return earliest
    return _ADULT_ONSET if {earliest, latest} <= _ADULT_ONSETS else None


def age_band_of(time: Any) -> AgeBand | None:
    """Read the age at the last visit; a range that spans bands says nothing."""
    if not isinstance(time, Mapping):
        return None
    if _weeks(time) is not None:
        return AgeBand.PRENATAL
    first, last = _ends(time)
    if first is None or last is None:
        return None
    band = _step(_BANDS, first)
    return band if band == _step(_BANDS, last) else None


def time_of_band(band: AgeBand) -> dict[str, Any]:
    """Write a band of age as a TimeElement."""
    if band is AgeBand.PRENATAL:
        return {"gestationalAge": {"weeks": 20}}
    start, end = _BAND_DURATIONS[band]
    return {"ageRange": {"start": {"iso8601duration": start}, "end": {"iso8601duration": end}}}


def _weeks(time: Mapping[str, Any]) -> int | None:
    gestation = time.get("gestationalAge")
    if not isinstance(gestation, Mapping):
        return None
    weeks = gestation.get("weeks", 0)
    return weeks if isinstance(weeks, int) else 0


def _ends(time: Mapping[str, Any]) -> tuple[float | None, float | None]:
    if isinstance(age := time.get("age"), Mapping):
        at = days(age.get("iso8601duration"))
        return at, at
    span = time.get("ageRange")
    if not isinstance(span, Mapping):
        return None, None
    first, last = span.get("start"), span.get("end")
    return (
        days(first.get("iso8601duration")) if isinstance(first, Mapping) else None,
        days(last.get("iso8601duration")) if isinstance(last, Mapping) else None,
    )


def _step(steps: list[tuple[float, Value]], age: float) -> Value:
    return [value for start, value in steps if age >= start][-1]
