"""The names of HPO's findings as bags of words, and those that a run of words spells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from matchmaker.model import TermId
from ontology.hpo import SCOPES, Hpo, Scope
from ontology.letters.english import ENGLISH
from ontology.letters.tokens import Token, fold, stem, tokens
from ontology.term_ids import PHENOTYPIC_ABNORMALITY, term_id_of

_LONGEST = 9  # words of a run that are tried
_SHORTEST_MISSPELT, _LONG_WORD = 7, 10  # letters in which one may be wrong, and two
_SHORT_ABBREVIATION = 5
_CONJUNCTIONS = frozenset({"and", "or", "nor", "&"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A run of words that names a term; `start` and `end` are places in the text.

    `others` are terms that the same words name as well: ASD is a heart defect and autism.
    """

    start: int
    end: int
    term: TermId
    others: tuple[TermId, ...]
    name: str
    n_words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    text: str
    term: TermId
    cost: int  # the name to prefer where several are spelt alike

    @property
    def abbreviation(self) -> bool:
        return len(self.text) <= _SHORT_ABBREVIATION and sum(c.isupper() for c in self.text) > 1


_COSTS = {Scope.EXACT: 2, Scope.NARROW: 3, Scope.BROAD: 4, Scope.RELATED: 5}
_Key = tuple[str, ...]
_Names = list[_Name]


class PhraseBook:
    """Finds names of phenotypic abnormalities in words, in any order of the words; made in about a second."""

    def __init__(self, hpo: Hpo) -> None:
        self._hpo = hpo

    def phrases(self, words: Sequence[Token]) -> list[Phrase]:
        """What the words of one sentence name, in their order; the longer name where two overlap."""
        found = sorted(self._all(words), key=lambda phrase: (-phrase.n_words, phrase.end - phrase.start, phrase.start))
        kept: list[Phrase] = []
        for phrase in found:
            if all(phrase.end <= other.start or other.end <= phrase.start for other in kept):
                kept.append(phrase)
        kept += self._shared_words(words, kept)
        return sorted(kept, key=lambda phrase: phrase.start)

    def _all(self, words: Sequence[Token]) -> Iterator[Phrase]:
        meaningful = [word for word in words if word.carries_meaning]
        stems = [self._known(word) for word in meaningful]
        for first in range(len(stems)):
            for last in range(first, min(first + _LONGEST, len(stems))):
                names = self._names(stems[first : last + 1], meaningful[first : last + 1])
                if names:
                    yield _phrase(names, meaningful[first : last + 1])

    def _shared_words(self, words: Sequence[Token], found: Sequence[Phrase]) -> Iterator[Phrase]:
        """The second of "small hands and feet", the first of "motor and speech delay": what two names share."""
        meaningful = [word for word in words if word.carries_meaning]
        for at, word in enumerate(meaningful):
            if word.stem not in _CONJUNCTIONS or not 0 < at < len(meaningful) - 1:
                continue
            for phrase in found:
                inside = [i for i, one in enumerate(meaningful) if phrase.start <= one.start and one.end <= phrase.end]
                if inside and inside[-1] == at - 1 and len(inside) > 1:
                    yield from self._second(meaningful, inside, at, found)
                if inside and inside[0] == at + 1 and len(inside) > 1:
                    yield from self._first(meaningful, inside, at, found)

    def _second(self, words: list[Token], inside: list[int], at: int, found: Sequence[Phrase]) -> Iterator[Phrase]:
        for n_shared in range(len(inside) - 1, 0, -1):
            shared = words[inside[0] : inside[0] + n_shared]
            own = words[at + 1 : at + 2]
            names = self._names([self._known(w) for w in [*shared, *own]], [*shared, *own])
            if names and _free(own, found):
                yield _phrase(names, own, n_words=len(shared) + 1)
                return

    def _first(self, words: list[Token], inside: list[int], at: int, found: Sequence[Phrase]) -> Iterator[Phrase]:
        for n_shared in range(len(inside) - 1, 0, -1):
            shared = words[inside[-1] + 1 - n_shared : inside[-1] + 1]
            own = words[at - 1 : at]
            names = self._names([self._known(w) for w in [*own, *shared]], [*own, *shared])
            if names and _free(own, found):
                yield _phrase(names, own, n_words=len(shared) + 1)
                return

    def _names(self, stems: Sequence[str], words: Sequence[Token]) -> _Names:
        """The names that these words spell, best first."""
        names = (name for name in self._book.get(tuple(sorted(stems)), ()) if _may_name(words, name))
        return sorted(names, key=lambda name: (name.cost, name.term))

    def _known(self, word: Token) -> str:
        """The stem of a word, or of the one that it is a slip of."""
        if word.stem in self._vocabulary or len(word.folded) < _SHORTEST_MISSPELT:
            return word.stem
        alike = self._long_words.get(word.folded[:2], [])
        near = process.extract(word.folded, alike, scorer=OSA.distance, score_cutoff=_slips(word.folded), limit=3)
        meant = {stem(other) for other, slips, _ in near if slips == near[0][1]}
        return meant.pop() if len(meant) == 1 else word.stem

    @cached_property
    def _book(self) -> dict[_Key, list[_Name]]:
        book: dict[_Key, list[_Name]] = defaultdict(list)
        for name in self._all_names():
            key = tuple(sorted(word.stem for word in tokens(name.text, 0, len(name.text)) if word.carries_meaning))
            if key and name.text.casefold() not in ENGLISH.everyday:
                book[key].append(name)
        return dict(book)

    def _all_names(self) -> Iterator[_Name]:
        below = {id_ for id_ in self._hpo.current_ids if self._hpo.is_below(id_, PHENOTYPIC_ABNORMALITY)}
        for text, term in ENGLISH.sayings.items():
            if term in below:
                yield _Name(text=text, term=TermId(term), cost=0)
        names = self._hpo.names()
        for text, number, scope in zip(names.texts, names.terms.tolist(), names.scopes.tolist(), strict=True):
            term_id = term_id_of(number)
            if term_id in below:
                yield _Name(text=text, term=term_id, cost=1 if scope < 0 else _COSTS[SCOPES[scope]])

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(word for key in self._book for word in key)

    @cached_property
    def _long_words(self) -> dict[str, list[str]]:
        """Words long enough to be misspelt, by their first two letters, which a slip seldom touches."""
        names = (name for spelt in self._book.values() for name in spelt)
        words = {word.folded for name in names for word in tokens(name.text, 0, len(name.text))}
        by_beginning: dict[str, list[str]] = defaultdict(list)
        for word in sorted(words):
            if len(word) >= _SHORTEST_MISSPELT - 1:
                by_beginning[word[:2]].append(word)
        return dict(by_beginning)


def _phrase(names: _Names, words: Sequence[Token], *, n_words: int | None = None) -> Phrase:
    best = names[0]
    as_good = (name.term for name in names if fold(name.text) == fold(best.text) and name.term != best.term)
    return Phrase(
        start=words[0].start,
        end=words[-1].end,
        term=best.term,
        others=tuple(dict.fromkeys(as_good)),
        name=best.text,
        n_words=len(words) if n_words is None else n_words,
    )


def _may_name(words: Sequence[Token], name: _Name) -> bool:
    """Whether words whose stems fit are close enough: a stem alone says little where there is one word only."""
    if name.abbreviation:
        return name.text in {word.text for word in words}
    if len(words) > 1 or " " in name.text:
        return True
    word, own = words[0].folded, fold(name.text)
    return word == own or word.endswith("ic") or OSA.distance(word, own) <= _slips(word)


def _slips(word: str) -> int:
    """How many letters of a word may be wrong."""
    return 0 if len(word) < _SHORTEST_MISSPELT else 1 if len(word) < _LONG_WORD else 2


def _free(words: Sequence[Token], found: Sequence[Phrase]) -> bool:
    return all(phrase.end <= words[0].start or words[-1].end <= phrase.start for phrase in found)
