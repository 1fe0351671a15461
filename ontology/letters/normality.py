"""Findings that a letter excludes by calling something normal: "normal hearing" says that there is no hearing loss."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from matchmaker.model import TermId
from ontology.letters.english import ENGLISH

_TERMS = tuple(ENGLISH.looked_at)
_THING = "|".join(f"(?P<t{i}>{'|'.join(things)})" for i, things in enumerate(ENGLISH.looked_at.values()))
_LOOKED_AT = re.compile(rf"(?<![\w-])(?:{_THING})(?![\w-])", re.IGNORECASE)
_NORMAL = re.compile(r"(?<![\w-])(?:normal|unremarkable)(?![\w-])", re.IGNORECASE)
# What may stand between a thing and "normal": "hearing and vision have both been tested and were entirely normal".
_BETWEEN = re.compile(
    r"(?:[\s,:/&]|\b(?:and|or|both|all|is|are|was|were|has|have|been|be|to|as|that|remain(?:s|ed)?|proved|reported|said|tested|"
    r"test(?:s|ing)?|exam(?:ination)?s?|assessment|findings|scans?|screen(?:ing)?|results?|studies|of|the|his|her|their|"
    r"with|early|entirely|completely|quite|also|otherwise|recent|repeat|repeated|newborn|"
    r"brain|motor|in|childhood|infancy)\b)*",
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
    """The findings that a sentence excludes by saying "normal"."""
    normals = [found for found in _NORMAL.finditer(sentence) if not _NEGATED.search(sentence[: found.start()])]
    for thing in _LOOKED_AT.finditer(sentence):
        for normal in normals:
            start, end = min(thing.start(), normal.start()), max(thing.end(), normal.end())
            between = sentence[min(thing.end(), normal.end()) : max(thing.start(), normal.start())]
            if _BETWEEN.fullmatch(_LOOKED_AT.sub("", between)):
                term = TermId(_TERMS[int((thing.lastgroup or "t0")[1:])])
                # Two things that are both normal have a place each: the thing, and the word beside it alone.
                beside = not between.strip()
                yield Normal(start=start if beside else thing.start(), end=end if beside else thing.end(), term=term)
                break
