"""Findings that are told in a clause: "her fingers go white in the cold", "he holds books close to his face"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from matchmaker.model import TermId
from ontology.letters.english import ENGLISH
from ontology.letters.names import Name
from ontology.letters.phrases import Phrase

_GAP = r"(?: [^\s.,;:]+){0,4} "


def with_clauses(sentence: str, found: Sequence[Phrase]) -> list[Phrase]:
    """What was found by name, and what is told in longer words than a name that stands in them."""
    kept = list(found)
    for term, pattern in _told():
        for told in pattern.finditer(sentence):
            start, end = told.span()
            in_the_way = [other for other in kept if other.overlaps(start, end)]
            if all(other.end - other.start < end - start for other in in_the_way):
                name = Name(text=told[0], term=term, cost=0)
                kept = [other for other in kept if other not in in_the_way]
                kept.append(Phrase(start=start, end=end, words=(), names=(name,)))
    return sorted(kept, key=lambda phrase: phrase.start)


@cache
def _told() -> tuple[tuple[TermId, re.Pattern[str]], ...]:
    return tuple(
        (TermId(term), re.compile(rf"(?<![\w-])(?:{'|'.join(told)})(?![\w-])".replace(" ... ", _GAP), re.IGNORECASE))
        for term, told in ENGLISH.clauses.items()
    )
