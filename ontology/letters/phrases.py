"""The names of HPO's findings as bags of words, and those that a run of words spells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from matchmaker.model import TermId
from ontology.hpo import Hpo
from ontology.letters.english import ENGLISH
from ontology.letters.names import Name, finding_names
from ontology.letters.tokens import Token, fold, stem, tokens

_LONGEST = 9  # words of a run that are tried
_SHORTEST_MISSPELT, _LONG_WORD = 7, 10  # letters in which one may be wrong, and two
_SHORTEST_JOINED = 9  # letters of a word that a letter writes as two: "tracheo-oesophageal"
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


_Key = tuple[str, ...]
_Names = list[Name]


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
        for tried in (meaningful, self._joined(meaningful)):
            stems = [self._known(word) for word in tried]
            for first in range(len(tried)):
                for last in range(first, min(first + _LONGEST, len(tried))):
                    run = tried[first : last + 1]
                    names = self._names(stems[first : last + 1], run)
                    if not names:
                        run, names = self._without_fillers(stems[first : last + 1], run)
                    if names:
                        yield _phrase(names, run, n_words=sum(1 + word.joined for word in run))

    def _without_fillers(self, stems: Sequence[str], run: Sequence[Token]) -> tuple[list[Token], _Names]:
        """The words without "left" or "markedly", which no name has, and the names that the others spell."""
        kept = [at for at, word in enumerate(run) if word.folded not in ENGLISH.fillers]
        if len(kept) < 2 or len(kept) == len(run) or kept[0] != 0 or kept[-1] != len(run) - 1:
            return [], []
        words = [run[at] for at in kept]
        return words, self._names([stems[at] for at in kept], words)

    def _joined(self, words: Sequence[Token]) -> list[Token]:
        """The words, with two as one where HPO writes them so."""
        joined: list[Token] = []
        for word in words:
            last = joined[-1] if joined else None
            both = last.folded + word.folded if last is not None and last.end + 1 == word.start else ""
            if last is not None and len(both) >= _SHORTEST_JOINED and stem(both) in self._vocabulary:
                text = last.text + word.text
                joined[-1] = Token(
                    start=last.start, end=word.end, text=text, folded=fold(text), stem=stem(text), joined=1
                )
            else:
                joined.append(word)
        return joined

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
        names = (name for name in self._book.get(_key(stems), ()) if _may_name(words, name))
        said = {word.folded for word in words}
        return sorted(names, key=lambda name: (not _spells(said, name), name.cost, name.term))

    def _known(self, word: Token) -> str:
        """The stem of a word, or of the one that it is a slip of; of an abbreviation, the stems that it stands for."""
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
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(word for key in self._book for word in key) | _SAME.keys()

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


def _stems(text: str) -> list[str]:
    return [word.stem for word in tokens(text, 0, len(text)) if word.carries_meaning]


def _key(stems: Sequence[str]) -> _Key:
    """Words in no order, each as the one that stands for all that mean the same: raised, elevated, increased."""
    return tuple(sorted(_SAME.get(one, one) for several in stems for one in several.split()))


def _spells(said: set[str], name: Name) -> bool:
    return said == {word.folded for word in tokens(name.text, 0, len(name.text)) if word.carries_meaning}


_SAME = {stem(word): stem(words[0]) for words in ENGLISH.same for word in words}


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


def _may_name(words: Sequence[Token], name: Name) -> bool:
    """Whether words whose stems fit are close enough: a stem alone says little where there is one word only."""
    if name.abbreviation:
        return name.text in {word.text for word in words}
    if len(words) > 1 or " " in name.text or words[0].text in ENGLISH.abbreviations:
        return True
    word, own = words[0].folded, fold(name.text)
    allowed = max(_slips(word), 2 if len(word) > _SHORTEST_MISSPELT and word[:5] == own[:5] else 0)
    return word == own or word.endswith("ic") or OSA.distance(word, own) <= allowed


def _slips(word: str) -> int:
    """How many letters of a word may be wrong."""
    return 0 if len(word) < _SHORTEST_MISSPELT else 1 if len(word) < _LONG_WORD else 2


def _free(words: Sequence[Token], found: Sequence[Phrase]) -> bool:
    return all(phrase.end <= words[0].start or words[-1].end <= phrase.start for phrase in found)
