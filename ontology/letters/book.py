"""The names of a release's findings, looked up by words in any order and in any form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from matchmaker.model import TermId
from ontology.hpo import Hpo
from ontology.letters.english import ENGLISH
from ontology.letters.inflections import same_word
from ontology.letters.learned import Learned, learn
from ontology.letters.names import EXACT, Name, finding_names
from ontology.letters.tokens import Token, fold, stem, tokens, words_in

_SHORTEST_MISSPELT, _LONG_WORD = 7, 10  # letters in which one may be wrong, and two
_SHORTEST_JOINED = 9  # letters of a word that a letter writes as two: "tracheo-oesophageal"
_SHORTEST_PART = 2
_MOST_REWORDED = 5  # words of a run in which others are tried

_Key = tuple[str, ...]


class NameBook:
    """Made in about two seconds, at the first look-up."""

    def __init__(self, hpo: Hpo) -> None:
        self._hpo = hpo

    def named(self, words: Sequence[Token]) -> list[Name]:
        """The names that these words spell, best first."""
        key = _key(word.stem for word in words)
        if key in _EVERYDAY and " ".join(word.text for word in words).casefold() in ENGLISH.everyday:
            return []
        return self._spelt(key, words)

    def reworded(self, words: Sequence[Token]) -> list[Name]:
        """The names that are spelt by these words with one left out by HPO's habits, or one put for another."""
        if not 1 < len(words) <= _MOST_REWORDED:
            return []
        key = _key(word.stem for word in words)
        if key in _EVERYDAY:
            return []
        if (term := self._shortened.get(key)) is not None:
            return [term]
        for at, word in enumerate(key):
            for other in self._learned.alike.get(word, ()):
                if len(key) == 2 and (word, other) not in self._learned.sure:
                    continue
                tried = tuple(sorted((*_without(key, at), other)))
                names = [name for name in self._book.get(tried, ()) if not name.abbreviation]
                if names:
                    return sorted(names, key=lambda name: (name.cost, name.term))
        return []

    def known(self, words: Iterable[Token]) -> list[Token]:
        """The words, each with the stem of the one that it is a slip of, or stands for as an abbreviation."""
        return [word if (meant := self._meant(word)) == word.stem else replace(word, stem=meant) for word in words]

    def joined(self, words: Sequence[Token]) -> list[Token]:
        """The words, with two as one where HPO writes them so."""
        joined: list[Token] = []
        for word in words:
            last = joined[-1] if joined else None
            both = last.folded + word.folded if last is not None and last.end + 1 == word.start else ""
            if (
                last is not None
                and len(word.folded) > _SHORTEST_PART
                and len(both) >= _SHORTEST_JOINED
                and stem(both) in self._vocabulary
            ):
                text = last.text + word.text
                joined[-1] = Token(
                    start=last.start, end=word.end, text=text, folded=fold(text), stem=stem(text), joined=1
                )
            else:
                joined.append(word)
        return joined

    def _spelt(self, key: _Key, words: Sequence[Token]) -> list[Name]:
        names = [name for name in self._book.get(key, ()) if _may_name(words, name)]
        if len(names) < 2:
            return names
        said = {word.folded for word in words}
        return sorted(names, key=lambda name: (not _spells(said, name), name.cost, name.term))

    def _meant(self, word: Token) -> str:
        if word.text in ENGLISH.abbreviations:
            return " ".join(_stems(ENGLISH.abbreviations[word.text]))
        if word.stem in self._vocabulary or len(word.folded) < _SHORTEST_MISSPELT:
            return word.stem
        alike = self._long_words.get(word.folded[:2], [])
        near = process.extract(word.folded, alike, scorer=OSA.distance, score_cutoff=_slips(word.folded), limit=3)
        meant = {stem(other) for other, slips, _ in near if slips == near[0][1]}
        return meant.pop() if len(meant) == 1 else word.stem

    @cached_property
    def _book(self) -> dict[_Key, list[Name]]:
        book: dict[_Key, list[Name]] = defaultdict(list)
        for name in finding_names(self._hpo):
            key = _key(_stems(name.text))
            if key and name.text.casefold() not in ENGLISH.everyday:
                book[key].append(name)
        return dict(book)

    @cached_property
    def _learned(self) -> Learned:
        spellings: dict[TermId, set[frozenset[str]]] = defaultdict(set)
        for key, names in self._book.items():
            for name in names:
                if 0 < name.cost <= EXACT and not name.abbreviation:
                    spellings[name.term].add(frozenset(key))
        return learn(spellings)

    @cached_property
    def _shortened(self) -> dict[_Key, Name]:
        """Names by their words without one that may be left out, where no two findings are called so then."""
        shorter = {
            _without(key, at): names[0]
            for key, names in self._book.items()
            for at, word in enumerate(key)
            if len(key) > 2 and word in self._learned.spare and _without(key, at) not in self._book
        }
        several = {
            _without(key, at)
            for key, names in self._book.items()
            for at in range(len(key))
            if (one := shorter.get(_without(key, at))) is not None and {name.term for name in names} != {one.term}
        }
        return {key: name for key, name in shorter.items() if key not in several}

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(word for key in self._book for word in key) | _SAME.keys()

    @cached_property
    def _long_words(self) -> dict[str, list[str]]:
        """Words long enough to be misspelt, by their first two letters, which a slip seldom touches."""
        words = {word for spelt in self._book.values() for name in spelt for word in words_in(name.text)}
        by_beginning: dict[str, list[str]] = defaultdict(list)
        for word in sorted({fold(word) for word in words}):
            if len(word) >= _SHORTEST_MISSPELT - 1:
                by_beginning[word[:2]].append(word)
        return dict(by_beginning)


def _stems(text: str) -> list[str]:
    return [own for word in words_in(text) if (own := _stem_of_name(word))]


@cache
def _stem_of_name(word: str) -> str:
    """Kept for the words of names, never for those of letters."""
    return stem(word)


def _key(stems: Iterable[str]) -> _Key:
    """Words in no order, each as the one that stands for all that mean the same: raised, elevated, increased."""
    return tuple(sorted(_SAME.get(one, one) for several in stems for one in several.split()))


def _without(key: _Key, at: int) -> _Key:
    return (*key[:at], *key[at + 1 :])


_SAME = {stem(word): stem(words[0]) for words in ENGLISH.same for word in words}
_EVERYDAY = {_key(_stems(text)) for text in ENGLISH.everyday}


def _spells(said: set[str], name: Name) -> bool:
    return said == {word.folded for word in tokens(name.text, 0, len(name.text)) if word.carries_meaning}


def _may_name(words: Sequence[Token], name: Name) -> bool:
    """Whether words whose stems fit are close enough: a stem alone says little where there is one word only."""
    if name.abbreviation:
        return name.text in {word.text for word in words}
    if len(words) > 1 or " " in name.text or words[0].text in ENGLISH.abbreviations:
        return True
    word, own = words[0].folded, fold(name.text)
    if word == own or word.endswith("ic") or same_word(word, own):
        return True
    allowed = max(_slips(word), 2 if len(word) > _SHORTEST_MISSPELT and word[:5] == own[:5] else 0)
    # Neutrophils are no neutrophilia.
    return not own.startswith(word) and OSA.distance(word, own) <= allowed


def _slips(word: str) -> int:
    """How many letters of a word may be wrong."""
    return 0 if len(word) < _SHORTEST_MISSPELT else 1 if len(word) < _LONG_WORD else 2
