"""Findings that a letter excludes by calling something normal: "normal hearing" says that there is no hearing loss."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matchmaker.model import TermId
from ontology.letters.english import ENGLISH

_TERMS = tuple(tuple(TermId(term) for term in terms.split()) for terms in ENGLISH.looked_at)
_THING = "|".join(f"(?P<t{i}>{'|'.join(things)})" for i, things in enumerate(ENGLISH.looked_at.values()))
_LOOKED_AT = re.compile(rf"(?<![\w-])(?:{_THING})(?![\w-])", re.IGNORECASE)
_NORMAL = re.compile(
    r"(?<![\w-])(?:normal(?:ly)?|unremarkable|intact|satisfactory|age[- ]appropriate|appropriate for age|"
    r"no concerns? (?:about|regarding|with|over))(?![\w-])",
    re.IGNORECASE,
)
_WELL_TERMS = tuple((TermId(term),) for term in ENGLISH.well)
_SAID = "|".join(f"(?P<t{i}>{'|'.join(said)})" for i, said in enumerate(ENGLISH.well.values()))
_WELL = re.compile(rf"(?<![\w-])(?:{_SAID})(?![\w-])", re.IGNORECASE)
# What may stand between a thing and "normal": "hearing and vision have both been tested and were entirely normal".
_BETWEEN = re.compile(
    r"(?:[\s,:/&]|\d+(?:\.\d+)? ?(?:cm|kg|m)\b|\b(?:and|or|both|all|is|are|was|were|has|have|been|be|to|as|that|which|"
    r"remain(?:s|ed)?|appear(?:s|ed)?|proved|reported|said|tested|test(?:s|ing)?|exam(?:ination)?s?|assessment|findings|"
    r"scans?|screen(?:ing)?|results?|studies|of|the|his|her|their|with|within|limits?|range|for|age|on|in|early|entirely|"
    r"completely|quite|well|fully|grossly|broadly|bilaterally|also|otherwise|recent|repeat|repeated|newborn|today|now|"
    r"childhood|infancy|brain|motor|function|strength)\b)*",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:not|never|nor|n['’]t)\b[^,;]{0,20}$|n['’]t\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Normal:
    """A place in a text that excludes a finding."""

    start: int
    end: int
    term: TermId


def said_normal(sentence: str) -> Iterator[Normal]:
    """The findings that a sentence excludes by saying "normal", or "white" of the sclerae."""
    for said in _WELL.finditer(sentence):
        if not _NEGATED.search(sentence[: said.start()]):
            yield from _excluded(said.start(), said.end(), _WELL_TERMS, said)
    normals = [found for found in _NORMAL.finditer(sentence) if not _NEGATED.search(sentence[: found.start()])]
    for thing in _LOOKED_AT.finditer(sentence):
        for normal in normals:
            start, end = min(thing.start(), normal.start()), max(thing.end(), normal.end())
            between = sentence[min(thing.end(), normal.end()) : max(thing.start(), normal.start())]
            if _BETWEEN.fullmatch(_LOOKED_AT.sub("", between)):
                # Two things that are both normal have a place each: the thing, and the word beside it alone.
                beside = not between.strip()
                yield from _excluded(start if beside else thing.start(), end if beside else thing.end(), _TERMS, thing)
                break


def _excluded(start: int, end: int, terms: Sequence[Sequence[TermId]], found: re.Match[str]) -> Iterator[Normal]:
    for term in terms[int((found.lastgroup or "t0")[1:])]:
        yield Normal(start=start, end=end, term=term)
