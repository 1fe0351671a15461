"""A letter cut into sentences and words, each with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ontology.letters.english import ENGLISH
from ontology.words import words_of

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# A full stop ends a sentence when a capital, a digit or a bullet follows, a semicolon always; so do an empty line, and
# a line that begins like a new one.
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\-•*])|;\s*|\n\s*(?=[A-Z\-•*\n])|\n\s*(?=\d+[.)]\s)")
_ABBREVIATED = re.compile(r"(?:\b(?:Dr|Prof|Mr|Mrs|Ms|St|e\.g|i\.e|approx|ca|vs|cf|resp|no|fig)\.|\b[A-Z]\.)\s+$")
_LONGEST_SENTENCE = 600  # characters
_STOP_WORDS = frozenset(
    [
        "of",
        "the",
        "a",
        "an",
        "in",
        "with",
        "to",
        "on",
        "for",
        "at",
        "by",
        "from",
        "is",
        "was",
        "wa",
        "were",
        "are",
        "be",
        "been",
        "has",
        "ha",
        "have",
        "had",
        "there",
        "his",
        "her",
        "their",
        "its",
    ]
)
# Greek and Latin endings by which a finding and the word for its bearer differ: microcephaly, microcephalic. Longest
# first; what remains is compared and never shown.
_ENDINGS = (
    *("ability", "ibility", "ively", "ally", "orly", "iness"),
    *("otic", "osis", "etic", "esis", "istic", "ities", "ation", "mental", "ment", "itic", "itis"),
    "ated",
    *("isation", "ization", "ance", "ence", "ical", "ness", "ism", "ing", "ity", "ies", "ied"),
    *("able", "ible", "ary", "ion", "ed", "ic", "ia", "al", "ar", "es", "e", "y", "a"),
)
_KEPT = {
    **dict.fromkeys(("ability", "able"), "abl"),
    **dict.fromkeys(("ibility", "ible"), "ibl"),
    **dict.fromkeys(("otic", "osis"), "os"),
    **dict.fromkeys(("etic", "esis"), "es"),
    **dict.fromkeys(("itic", "itis"), "itis"),
    "ively": "iv",
    "orly": "or",
}
_SHORTEST_STEM = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word, where it stands in the text, and the forms in which words are compared."""

    start: int
    end: int
    text: str
    folded: str  # without case, accents, plural
    stem: str
    joined: int = 0  # further words of the text that were put into this one

    @property
    def carries_meaning(self) -> bool:
        return bool(self.stem)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence starts and ends; they cover the text but for the space between them.

    One that goes on and on is cut between words: reading takes the square of a sentence's length.
    """
    start = 0
    for end in _END.finditer(text):
        if _ABBREVIATED.search(text[start : end.end()]):
            continue
        yield from _pieces(text, start, end.start())
        start = end.end()
    yield from _pieces(text, start, len(text))


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > _LONGEST_SENTENCE:
        space = text.rfind(" ", start + 1, start + _LONGEST_SENTENCE)
        cut = space if space > 0 else start + _LONGEST_SENTENCE
        yield start, cut
        start = cut
    if text[start:end].strip():
        yield start, end


def tokens(text: str, start: int, end: int) -> list[Token]:
    """The words between two places; a word that says nothing by itself has an empty stem."""
    return [
        Token(start=found.start(), end=found.end(), text=found[0], folded=fold(found[0]), stem=stem(found[0]))
        for found in _WORD.finditer(text, start, end)
    ]


def words_in(text: str) -> list[str]:
    """The words of a text as they stand there."""
    return _WORD.findall(text)


def fold(word: str) -> str:
    """A word without case, accents, possessive and plural."""
    folded = "".join(words_of(word.removesuffix("'s").removesuffix("’s")))
    return ENGLISH.irregular.get(folded, folded)


def stem(word: str) -> str:
    """What a word has in common with its relatives; empty for words such as "of".

    Examples
    --------
    >>> stem("microcephalic") == stem("Microcephaly"), stem("abnormalities") == stem("abnormal"), stem("of")
    (True, True, '')
    """
    folded = fold(word)
    if folded in _STOP_WORDS and word != "A":  # vitamin A
        return ""
    for _ in range(2):
        folded = _without_ending(folded)
    return folded


def _without_ending(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending) + _KEPT.get(ending, "")
    return word
