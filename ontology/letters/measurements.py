"""Findings that a letter gives as centiles and standard deviations.

Short stature and microcephaly are below the 3rd centile or two standard deviations, as HPO defines them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from matchmaker.model import TermId

_LOW_CENTILE, _HIGH_CENTILE, _DEVIATIONS = 3.0, 97.0, 2.0
_ORDINALS = {"first": "1", "second": "2", "third": "3", "fifth": "5", "tenth": "10"}


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


_MEASURES = (
    _Measure(
        name=r"head circumference|occipito-?frontal circumference|head size|OFC|HC",
        low=TermId("HP:0000252"),
        high=TermId("HP:0000256"),
    ),
    _Measure(
        name=r"birth ?weight|weigh(?:ed|ing)(?=[^.;]*\b(?:birth|term)\b)",
        low=TermId("HP:0001518"),
        high=TermId("HP:0001520"),
    ),
    _Measure(name=r"body mass index|BMI", low=TermId("HP:0045082"), high=TermId("HP:0031418")),
    _Measure(name=r"height|stature|length|Ht", low=TermId("HP:0004322"), high=TermId("HP:0000098")),
    _Measure(name=r"weight|Wt", low=TermId("HP:0004325"), high=TermId("HP:0004324")),
)
_MEASURE = re.compile("|".join(rf"(?P<m{i}>\b(?:{m.name})\b)" for i, m in enumerate(_MEASURES)), re.IGNORECASE)
_CENTILE = re.compile(
    r"(?P<side>below|under|less than|<|≤|beneath|above|over|more than|>|≥|on|at|between)?\s*(?:the )?"
    rf"(?:(?P<value>\d+(?:[.,]\d+)?|{'|'.join(_ORDINALS)})\s*(?:st|nd|rd|th)?\s*(?:(?:per)?centiles?|%iles?)|"
    r"(?<=[<>≤≥])\s*(?P<bare>\d+(?:[.,]\d+)?)(?:st|nd|rd|th)\b)",
    re.IGNORECASE,
)
_LISTED = re.compile(r"[\s,/&]*(?:and )?")
_DEVIATION = re.compile(
    r"(?P<sign>[-−–+]|minus |plus )?\s*(?P<value>\d+(?:[.,]\d+)?)\s*(?:SDS?|standard deviations?|z(?:-scores?)?)\b"
    r"(?:\s*(?P<side>below|above|under|over))?|\bz(?:-score)?\s*(?:of |= ?)?(?P<zsign>[-−–+])?(?P<z>\d+(?:[.,]\d+)?)",
    re.IGNORECASE,
)
_FAR = 60  # characters between the name of a measure and its number


def measured(sentence: str) -> Iterator[Measured]:
    """The findings that the amounts of a sentence mean, one for each place of what was measured."""
    names = list(_MEASURE.finditer(sentence))
    done: set[TermId] = set()
    for amount in sorted([*_CENTILE.finditer(sentence), *_DEVIATION.finditer(sentence)], key=lambda m: m.start()):
        named = [name for name in names if name.end() <= amount.start() and amount.start() - name.end() <= _FAR]
        if not named:
            continue
        side, end = _side(amount), amount.end()
        for name in _together(named, sentence):
            measure = _MEASURES[int((name.lastgroup or "m0")[1:])]
            term = measure.low if side < 0 else measure.high if side > 0 else None
            if term is not None and term not in done:
                done.add(term)
                yield Measured(start=name.start(), end=end, term=term)
            end = name.start()


def _together(named: list[re.Match[str]], sentence: str) -> Iterator[re.Match[str]]:
    """The last name, and those before it that have the same amount: "height and weight below the 3rd centile"."""
    later = None
    for name in reversed(named):
        if later is not None and not _LISTED.fullmatch(sentence, name.end(), later.start()):
            return
        yield name
        later = name


def _side(amount: re.Match[str]) -> int:
    """-1 when an amount is abnormally low, 1 when it is high, else 0."""
    found = amount.groupdict()
    if amount.re is _CENTILE:
        value = _number(found["value"] or found["bare"])
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


def _number(text: str) -> float:
    return float(_ORDINALS.get(text.lower(), text).replace(",", "."))
