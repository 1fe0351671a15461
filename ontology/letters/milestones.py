"""Findings that a letter gives as ages: when a child could do something, or cannot yet, and how many words it has.

Walking alone and first words are late after 18 months, sitting after 9, standing alone after 17, crawling after 13 (the
World Health Organization's windows of 2006 end before); rolling over after 7. Fifty words are usual at 24 months.
Puberty is early before 8 years, which is the limit for girls, and late when it has not begun at 15.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from matchmaker.model import TermId
from ontology.letters.measurements import Measured

_ALONE = r"(?: (?:up|alone|independently|unaided|unsupported|unassisted|without (?:support|help|aid)|yet))*"
_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_NUMBERS = {**{word: n for n, word in enumerate(_WORDS, 1)}, "eighteen": 18, "twenty": 20, "thirty": 30}
_AGE = (
    r"(?:the age of |age |around |about |approximately |nearly |almost |over |just )*"
    r"(?P<n>\d+(?:\.\d+)?|[a-z]+)(?: and a half)?[ -]?(?P<unit>months?|mo|years?|yrs?|y)?\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Milestone:
    done: str
    not_done: str
    late_from: float  # months
    late: TermId
    early_before: float = 0
    early: TermId | None = None


_MILESTONES = (
    _Milestone(
        done=rf"walk(?:ed|s|ing)?{_ALONE}(?: was (?:achieved|first seen))?",
        not_done=rf"walk(?:ing|s|ed)?{_ALONE}",
        late_from=18,
        late=TermId("HP:0031936"),
    ),
    _Milestone(
        done=rf"s[ai]t(?:s|ting)?{_ALONE}",
        not_done=rf"sit(?:ting|s)?{_ALONE}",
        late_from=9.5,
        late=TermId("HP:0025336"),
    ),
    _Milestone(
        done=rf"(?:stood|stand(?:s|ing)?){_ALONE}",
        not_done=rf"stand(?:ing|s)?{_ALONE}",
        late_from=17,
        late=TermId("HP:0025335"),
    ),
    _Milestone(done=r"crawl(?:ed|s|ing)?", not_done=r"crawl(?:ing|s)?", late_from=13, late=TermId("HP:0033128")),
    _Milestone(
        done=r"roll(?:ed|s|ing)?(?: over)?",
        not_done=r"roll(?:ing|s)?(?: over)?",
        late_from=7.5,
        late=TermId("HP:0032989"),
    ),
    _Milestone(
        done=r"(?:first words?(?: (?:came|appeared|were spoken|emerged))?|spoke(?! in )(?: (?:his|her) first words?)?|"
        r"(?:began|started) (?:to (?:speak|talk)|speaking|talking)|said (?:his|her) first words?|talked)",
        not_done=r"(?:speak|talk)(?:ing|s)?(?: yet)?",
        late_from=18,
        late=TermId("HP:0000750"),
    ),
    _Milestone(
        done=r"(?:entered puberty|puberty (?:started|began|commenced)|onset of puberty|breast development"
        r"(?: (?:started|began|was noted))?|pubic hair(?: (?:appeared|was noted|developed))?)",
        not_done=r"(?:(?:entered|started|begun) )?puberty",
        late_from=15 * 12,
        late=TermId("HP:0000823"),
        early_before=8 * 12,
        early=TermId("HP:0000826"),
    ),
)
# What was lost or is still tried is not done at the age behind it.
_NOT_ACHIEVED = re.compile(
    r"\b(?:lost|losing|stopped|ability to|able to|with(?:out)? aid|when|while)(?: the ability to)? *$"
)
_LATE = tuple(
    re.compile(rf"\b{one.done}\b[^.,;]{{0,25}}?\b(?:at|aged|until|by|from|since) {_AGE}", re.IGNORECASE)
    for one in _MILESTONES
)
_NEVER = tuple(
    re.compile(
        rf"\b(?:not|unable to|cannot|could not|n['’]t|never)(?: yet| able to| been able to)* {one.not_done}"
        rf"[^.;]{{0,25}}?\b(?:at|aged|by|before|until) {_AGE}",
        re.IGNORECASE,
    )
    for one in _MILESTONES
)
_NEVER_AFTER_AGE = tuple(
    re.compile(
        rf"\b(?:at|aged) {_AGE},? (?:s?he|they) (?:is|was|are|were|could|can|does|did)(?: still)?(?: not|n['’]t|not)"
        rf"(?: yet| able to)* {one.not_done}",
        re.IGNORECASE,
    )
    for one in _MILESTONES
)
_FEW_WORDS = re.compile(
    r"\b(?:(?:only|about|around|approximately|roughly|fewer than|less than|just|some) )*"
    r"(?P<n>\d{1,3}|[a-z]+)(?: (?:to|or) (?:\d{1,3}|[a-z]+)|-\d{1,3})?"
    r"(?: (?:single|clear|spoken|recognisable|recognizable|meaningful))* words\b",
    re.IGNORECASE,
)
_AGED = re.compile(
    r"\b(?P<n>\d+(?:\.\d+)?|[a-z]+)(?: and a half)?[ -](?P<unit>months?|years?|yrs?)(?:[ -](?:old|of age)\b)?",
    re.IGNORECASE,
)
_SPEECH_DELAY = TermId("HP:0000750")
_WORDS_EXPECTED = ((36, 100), (24, 30))  # at this many months fewer words are a delay beyond doubt


def milestones(sentence: str) -> Iterator[Measured]:
    """What was reached late, early or not yet; one finding for each milestone."""
    for one, late, *never in zip(_MILESTONES, _LATE, _NEVER, _NEVER_AFTER_AGE, strict=True):
        reached = late.search(sentence)
        if reached is not None and _NOT_ACHIEVED.search(sentence[: reached.start()]):
            reached = None
        for found in (reached, *(pattern.search(sentence) for pattern in never)):
            term = None if found is None else _meaning(one, found, reached=found is reached)
            if found is not None and term is not None:
                yield Measured(start=found.start(), end=found.end(), term=term)
                break
    yield from _few_words(sentence)


def _meaning(one: _Milestone, found: re.Match[str], *, reached: bool) -> TermId | None:
    months = _months(found)
    if months >= one.late_from:
        return one.late
    return one.early if reached and 0 < months < one.early_before else None


def _few_words(sentence: str) -> Iterator[Measured]:
    words, aged = _FEW_WORDS.search(sentence), _AGED.search(sentence)
    if words is None or aged is None or not (n_words := _count(words["n"])):
        return
    months = _months(aged)
    if any(months >= age and n_words < expected for age, expected in _WORDS_EXPECTED):
        yield Measured(start=words.start(), end=words.end(), term=_SPEECH_DELAY)


def _months(found: re.Match[str]) -> float:
    value = _count(found["n"])
    unit = (found["unit"] or "").lower()
    if " and a half" in found[0]:
        value += 0.5
    if not unit:
        return value * 12 if re.search(r"\bage", found[0]) else 0.0
    return value * 12 if unit.startswith("y") else value


def _count(text: str) -> float:
    return float(_NUMBERS.get(text.lower(), 0)) if text.isalpha() else float(text)
