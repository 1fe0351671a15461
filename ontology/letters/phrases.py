"""The runs of a sentence's words that name findings; the longer name where two overlap."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ontology.letters.book import NameBook
from ontology.letters.english import ENGLISH
from ontology.letters.names import Name
from ontology.letters.tokens import Token

_LONGEST = 9  # words of a run that are tried
_APART = re.compile(r"[,:;]|\b(?:with|but)\b", re.IGNORECASE)
_COST_OF_GAP = 1.5  # words by which another phrase may be shorter


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words that name a finding, best name first; `start` and `end` are places in the text.

    In an enumeration some of the words stand elsewhere: the "hands" of "short fingers and hands" lie apart.
    """

    start: int
    end: int
    words: tuple[Token, ...]
    names: tuple[Name, ...]
    reworded: bool = False  # HPO says it in other words

    def overlaps(self, start: int, end: int) -> bool:
        """Whether any of it lies between two places."""
        return self.start < end and start < self.end


def named_in(sentence: str, words: Sequence[Token], book: NameBook) -> list[Phrase]:
    """What words of a sentence that carry meaning name, in their order."""
    known = book.known(words)
    joined = book.joined(words)
    found = [*_runs(known, book), *(_runs(book.known(joined), book) if len(joined) < len(words) else ())]
    kept: list[Phrase] = []
    for phrase in sorted(found, key=lambda phrase: _rank(sentence, phrase)):
        if not any(other.overlaps(phrase.start, phrase.end) for other in kept):
            kept.append(phrase)
    return sorted(kept, key=lambda phrase: phrase.start)


def _runs(words: Sequence[Token], book: NameBook) -> Iterator[Phrase]:
    for first in range(len(words)):
        for last in range(first, min(first + _LONGEST, len(words))):
            if (phrase := phrase_of(words[first : last + 1], book)) is not None:
                yield phrase


def phrase_of(words: Sequence[Token], book: NameBook, *, reworded: bool = True) -> Phrase | None:
    """What all of these words name together, or what they say otherwise than HPO; None when nothing."""
    essential = _without_fillers(words)
    for tried in (words, essential):
        if tried and (names := book.named(tried)):
            return _phrase(tried, names, reworded=False)
    names = book.reworded(essential or words) if reworded else []
    return _phrase(essential or words, names, reworded=True) if names else None


def _without_fillers(words: Sequence[Token]) -> Sequence[Token]:
    """The words without "left" or "markedly", which no name has; none when there is nothing to leave out inside."""
    if words[0].folded in ENGLISH.fillers or words[-1].folded in ENGLISH.fillers:
        return ()
    kept = [word for word in words if word.folded not in ENGLISH.fillers]
    return kept if 1 < len(kept) < len(words) else ()


def _phrase(words: Sequence[Token], names: Sequence[Name], *, reworded: bool) -> Phrase:
    start, end = min(word.start for word in words), max(word.end for word in words)
    return Phrase(start=start, end=end, words=tuple(words), names=tuple(names), reworded=reworded)


def _rank(sentence: str, phrase: Phrase) -> tuple[float, bool, int, int]:
    """Longest first; that of "pain in the toes, absent reflexes" that goes over the comma comes late."""
    n_words = sum(1 + word.joined for word in phrase.words)
    n_apart = len(_APART.findall(sentence, phrase.start, phrase.end))
    return _COST_OF_GAP * n_apart - n_words, phrase.reworded, phrase.end - phrase.start, phrase.start
