"""Findings that a letter gives as numbers: centiles and standard deviations, ages at which a child could do things.

Short stature and microcephaly are below the 3rd centile or two standard deviations, as HPO defines them. Walking alone
and first words are late after 18 months, sitting after 9 (the World Health Organization's windows of 2006 end before).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from matchmaker.model import TermId

_LOW_CENTILE, _HIGH_CENTILE, _DEVIATIONS = 3.0, 97.0, 2.0
_NUMBERS = {
    **{
        word: n
        for n, word in enumerate(
            ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
        )
    },
    "eighteen": 18,
    "twenty": 20,
    "thirty": 30,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A finding that follows from a number; `start` and `end` are places in the text."""

    start: int
    end: int
    term: TermId


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measure:
    name: str
    low: TermId
    high: TermId


@dataclass(frozen=True, slots=True, kw_only=True)
class _Milestone:
    done: str
    not_done: str
    months: int
    late: TermId


_MEASURES = (
    _Measure(
        name=r"head circumference|occipito-?frontal circumference|OFC|HC",
        low=TermId("HP:0000252"),
        high=TermId("HP:0000256"),
    ),
    _Measure(name=r"birth ?weight", low=TermId("HP:0001518"), high=TermId("HP:0001520")),
    _Measure(name=r"height|stature|length", low=TermId("HP:0004322"), high=TermId("HP:0000098")),
    _Measure(name=r"weight", low=TermId("HP:0004325"), high=TermId("HP:0004324")),
)
_MILESTONES = (
    _Milestone(
        done=r"walk(?:ed|s|ing)?(?: (?:alone|independently|unaided|unsupported))?(?: was (?:achieved|first seen))?",
        not_done=r"walk(?:ing|s|ed)?(?: (?:alone|independently|unaided|unsupported|yet))*",
        months=18,
        late=TermId("HP:0031936"),
    ),
    _Milestone(
        done=r"s[ai]t(?:s|ting)?(?: (?:up|alone|independently|unaided|unsupported|without support))*",
        not_done=r"sit(?:ting|s)?(?: (?:up|alone|independently|unaided|unsupported|yet))*",
        months=9,
        late=TermId("HP:0025336"),
    ),
    _Milestone(
        done=r"(?:first words?(?: (?:came|appeared|were spoken|emerged))?|spoke(?: (?:his|her) first words?)?|"
        r"began to speak|started (?:to speak|speaking|talking))",
        not_done=r"(?:speak|talk)(?:ing|s)?(?: yet)?",
        months=18,
        late=TermId("HP:0000750"),
    ),
)
_MEASURE = re.compile("|".join(rf"(?P<m{i}>\b(?:{m.name})\b)" for i, m in enumerate(_MEASURES)), re.IGNORECASE)
_CENTILE = re.compile(
    r"(?P<side>below|under|less than|<|≤|beneath|above|over|more than|>|≥|on|at|between)?\s*(?:the )?"
    r"(?P<value>\d+(?:[.,]\d+)?)\s*(?:st|nd|rd|th)?\s*(?:per)?centiles?",
    re.IGNORECASE,
)
_DEVIATION = re.compile(
    r"(?P<sign>[-−–+]|minus |plus )?\s*(?P<value>\d+(?:[.,]\d+)?)\s*(?:SDS?|standard deviations?|z(?:-scores?)?)\b"
    r"(?:\s*(?P<side>below|above|under|over))?|\bz(?:-score)?\s*(?:of |= ?)?(?P<zsign>[-−–+])?(?P<z>\d+(?:[.,]\d+)?)",
    re.IGNORECASE,
)
_AGE = (
    r"(?:the age of |age |around |about |approximately |nearly |almost )*"
    r"(?P<n>\d+(?:\.\d+)?|[a-z]+)(?: and a half)?[ -]?(?P<unit>months?|mo|years?|yrs?|y)?\b"
)
_FAR = 60  # characters between the name of a measure and its number


def measured(sentence: str) -> Iterator[Measured]:
    """The findings that the numbers of a sentence mean."""
    yield from _growth(sentence)
    yield from _milestones(sentence)


def _growth(sentence: str) -> Iterator[Measured]:
    names = list(_MEASURE.finditer(sentence))
    done: set[TermId] = set()
    for amount in sorted([*_CENTILE.finditer(sentence), *_DEVIATION.finditer(sentence)], key=lambda m: m.start()):
        named = [name for name in names if name.end() <= amount.start() and amount.start() - name.end() <= _FAR]
        if not named:
            continue
        measure = _MEASURES[int((named[-1].lastgroup or "m0")[1:])]
        side = _side(amount)
        term = measure.low if side < 0 else measure.high if side > 0 else None
        if term is not None and term not in done:
            done.add(term)
            yield Measured(start=named[-1].start(), end=amount.end(), term=term)


def _side(amount: re.Match[str]) -> int:
    """-1 when an amount is abnormally low, 1 when it is high, else 0."""
    found = amount.groupdict()
    if amount.re is _CENTILE:
        value = _number(found["value"])
        below = (found["side"] or "").lower() in {"below", "under", "less than", "<", "≤", "beneath"}
        above = (found["side"] or "").lower() in {"above", "over", "more than", ">", "≥"}
        if value < _LOW_CENTILE or (below and value <= _LOW_CENTILE):
            return -1 if not above else 0
        return 1 if value > _HIGH_CENTILE or (above and value >= _HIGH_CENTILE) else 0
    value = _number(found["value"] or found["z"])
    sign = found["sign"] or found["zsign"] or ""
    low = sign.strip() in {"-", "−", "–", "minus"} or (found["side"] or "").lower() in {"below", "under"}
    high = sign.strip() in {"+", "plus"} or (found["side"] or "").lower() in {"above", "over"}
    if value < _DEVIATIONS or low == high:
        return 0
    return -1 if low else 1


def _milestones(sentence: str) -> Iterator[Measured]:
    for milestone in _MILESTONES:
        late = re.compile(rf"\b{milestone.done}\b[^.,;]{{0,25}}?\b(?:at|aged|until|by|from) {_AGE}", re.IGNORECASE)
        never = re.compile(
            rf"\b(?:not|unable to|cannot|could not|n['’]t|never)(?: yet| able to| been able to)* {milestone.not_done}"
            rf"[^.;]{{0,25}}?\b(?:at|aged|by|before|until) {_AGE}",
            re.IGNORECASE,
        )
        for found in (late.search(sentence), never.search(sentence)):
            if found is not None and _months(found) >= milestone.months:
                yield Measured(start=found.start(), end=found.end(), term=milestone.late)
                break


def _months(found: re.Match[str]) -> float:
    number = found["n"].lower()
    value = float(_NUMBERS.get(number, 0)) if number.isalpha() else _number(number)
    unit = (found["unit"] or "").lower()
    if " and a half" in found[0]:
        value += 0.5
    if not unit:
        return value * 12 if re.search(r"\bage", found[0]) else 0.0
    return value * 12 if unit.startswith("y") else value


def _number(text: str) -> float:
    return float(text.replace(",", "."))
