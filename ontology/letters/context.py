"""Whether a finding named in a sentence is there, is only suspected, or is somebody else's.

Cues to the left or right of a finding reach it unless something between them ends their reach, as in NegEx (Chapman
et al., J Biomed Inform 34:301, 2001) and ConText (Harkema et al., J Biomed Inform 42:839, 2009); the cues are our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ontology.letters.english import ENGLISH


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a sentence says of a finding in it; all False: the patient has it."""

    excluded: bool = False
    uncertain: bool = False
    relative: bool = False  # a relative has it


_QUESTION = re.compile(r"\?\s*$")
_REACH_AFTER = 45  # characters to the right in which a cue still speaks of a finding


def context_of(sentence: str, start: int, end: int, *, others: Sequence[tuple[int, int]] = ()) -> Context:
    """What a sentence says of the finding between two places in it.

    `others` are the places of all findings of the sentence: a cue inside a finding's own name ("absent speech") says
    nothing of another.
    """
    before, after = sentence[:start], sentence[end : end + _REACH_AFTER]
    pseudo = _spans(ENGLISH.still_there, sentence)
    blind = [*others, *pseudo]
    suspected = (
        _QUESTION.search(before[-3:]) is not None
        or _reaches(ENGLISH.suspected, before, ENGLISH.ends_suspicion, others)
        or _reaches(ENGLISH.looked_for, before, ENGLISH.ends_negation, others)
        or _follows(ENGLISH.suspected_after, after, ENGLISH.ends_negation)
    )
    excluded = _reaches(ENGLISH.not_there, before, ENGLISH.ends_negation, blind) or (
        not suspected and _follows(ENGLISH.not_there_after, after, ENGLISH.ends_negation)
    )
    return Context(excluded=excluded, uncertain=suspected and not excluded, relative=_relative(sentence, start, end))


def _relative(sentence: str, start: int, end: int) -> bool:
    if ENGLISH.in_relative.search(sentence[end:]):
        return True
    telling = _spans(ENGLISH.telling, sentence)
    for cue in reversed([found.span() for found in ENGLISH.of_relative.finditer(sentence, 0, start)]):
        if any(cue[0] < other[1] and other[0] < cue[1] for other in telling):
            continue
        return ENGLISH.patient.search(sentence, cue[1], start) is None
    return False


def _reaches(cues: re.Pattern[str], before: str, ends: re.Pattern[str], blind: Iterable[tuple[int, int]]) -> bool:
    """Whether a cue stands before the finding with nothing between them that ends its reach."""
    for found in cues.finditer(before):
        inside = any(start <= found.start() < end for start, end in blind)
        if not inside and ends.search(before, found.end()) is None:
            return True
    return False


def _follows(cues: re.Pattern[str], after: str, ends: re.Pattern[str]) -> bool:
    found = cues.search(after)
    return found is not None and ends.search(after, 0, found.start()) is None and "," not in after[: found.start()]


def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [found.span() for found in pattern.finditer(text)]
