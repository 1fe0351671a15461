"""What members of an enumeration share: the "fingers" of "short and tapering fingers", the "lips" of "Lips: thin"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ontology.letters.book import NameBook
from ontology.letters.english import ENGLISH
from ontology.letters.phrases import Phrase, phrase_of
from ontology.letters.tokens import Token

_MOST_OWN = 3  # words that a member has for itself
_CONJUNCTIONS = frozenset({"and", "or", "nor"})
_ENUMERATES = re.compile(r"[^.:;()]*(?:[,/&+]|\b(?:and|or|nor)\b)[^.:;()]*", re.IGNORECASE)
_ENDS = re.compile(r"[.:;()]")
_HEADING = re.compile(r"\W*\w+(?: \w+)?:")
_ADJECTIVE = re.compile(r".*(?:ic|al|ous|ive|ar)")

_Tried = tuple[list[Token], list[Token]]  # a member's own words, and all that may name a finding


@dataclass(frozen=True, slots=True, kw_only=True)
class _Members:
    """The words of a sentence but for conjunctions; `begins` says which begin a member, `ends` which anything else."""

    words: list[Token]
    begins: list[bool]
    ends: list[bool]

    def own(self, first: int, last: int) -> list[Token]:
        """The words from one place to another, when they belong to one member."""
        inside = first >= 0 and last < len(self.words)
        if not inside or any(self.begins[i] or self.ends[i] for i in range(first + 1, last + 1)):
            return []
        return self.words[first : last + 1]

    def complete(self, last: int) -> bool:
        """Whether a member may end here: the "bleeding" of "pulmonary stenosis and bleeding gums" does not."""
        following = self.words[last + 1] if last + 1 < len(self.words) else None
        return (
            following is None
            or self.begins[last + 1]
            or following.start > self.words[last].end + 1
            or following.folded in ENGLISH.fillers
        )


def completed(sentence: str, words: Sequence[Token], found: Sequence[Phrase], book: NameBook) -> list[Phrase]:
    """What was found in a sentence, and what other members of its enumerations name with words of their neighbours."""
    members = _members(sentence, book.known(words))
    kept, waiting = list(found), list(found)
    while waiting:
        for phrase in _beside(waiting.pop(0), members, book):
            in_the_way = [other for other in kept if other.overlaps(phrase.start, phrase.end)]
            if all(len(other.words) == 1 and _ADJECTIVE.fullmatch(other.words[0].folded) for other in in_the_way):
                kept = [*(other for other in kept if other not in in_the_way), phrase]
                waiting.append(phrase)
    return sorted([*kept, *_below_heading(sentence, members, kept, book)], key=lambda phrase: phrase.start)


def _members(sentence: str, words: Sequence[Token]) -> _Members:
    plain = [word for word in words if word.stem not in _CONJUNCTIONS]
    between = ["", *(sentence[a.end : b.start] for a, b in pairwise(plain))]
    return _Members(
        words=plain,
        begins=[_ENUMERATES.fullmatch(text) is not None for text in between],
        ends=[_ENDS.search(text) is not None for text in between],
    )


def _beside(one: Phrase, members: _Members, book: NameBook) -> Iterator[Phrase]:
    """To the right, to the left, and the "long" of "long smooth philtrum"."""
    places = [i for i, word in enumerate(members.words) if one.start <= word.start and word.end <= one.end]
    if not places or len(one.words) < 2:
        return
    first, after = places[0], places[-1] + 1
    if after < len(members.words) and members.begins[after]:
        yield from _first_named(_to_the_right(one, members, after), book)
    while not members.begins[first] and first > 0 and members.words[first - 1].folded in ENGLISH.fillers:
        first -= 1
    if members.begins[first]:
        yield from _first_named(_to_the_left(one, members, first - 1), book)
    elif first > 0 and members.words[first - 1].end + 1 == members.words[first].start and len(one.words) == 2:
        own = members.words[first - 1]
        yield from _first_named(iter([([own], [own, one.words[1]])]), book)


def _to_the_right(one: Phrase, members: _Members, after: int) -> Iterator[_Tried]:
    """A member and what the one before it begins with: "small hands and feet"."""
    for n_own in range(_MOST_OWN, 0, -1):
        own = members.own(after, after + n_own - 1)
        if own and members.complete(after + n_own - 1):
            for n_shared in range(len(one.words) - 1, 0, -1):
                yield own, [*one.words[:n_shared], *own]


def _to_the_left(one: Phrase, members: _Members, before: int) -> Iterator[_Tried]:
    """A member and what the one after it ends with: "motor and speech delay"."""
    for n_own in range(_MOST_OWN, 0, -1):
        if own := members.own(before - n_own + 1, before):
            for n_shared in range(len(one.words) - 1, 0, -1):
                yield own, [*own, *one.words[-n_shared:]]


def _first_named(tried: Iterator[_Tried], book: NameBook) -> Iterator[Phrase]:
    for own, words in tried:
        if (phrase := phrase_of(words, book, reworded=False)) is not None:
            yield replace(phrase, start=own[0].start, end=own[-1].end)
            return


def _below_heading(sentence: str, members: _Members, found: Sequence[Phrase], book: NameBook) -> Iterator[Phrase]:
    """What members name with the heading that they stand below: "Mouth: wide, with downturned corners"."""
    heading = _HEADING.match(sentence)
    if heading is None:
        return
    above = [word for word in members.words if word.end <= heading.end()]
    if not above:
        return
    for at in range(len(above), len(members.words)):
        for n_own in range(_MOST_OWN, 0, -1):
            own = members.own(at, at + n_own - 1)
            begins = at == len(above) or members.begins[at]
            if not own or not begins or any(other.overlaps(own[0].start, own[-1].end) for other in found):
                continue
            if (phrase := phrase_of([*above, *own], book, reworded=False)) is not None:
                yield replace(phrase, start=own[0].start, end=own[-1].end)
                break
