"""Read a letter: every finding in it, with the place, the term, and what the sentence says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from matchmaker.model import TermId
from ontology.hpo import Hpo
from ontology.letters.book import NameBook
from ontology.letters.clauses import with_clauses
from ontology.letters.context import context_of
from ontology.letters.english import ENGLISH
from ontology.letters.enumerations import completed
from ontology.letters.measurements import Measured, measured
from ontology.letters.milestones import milestones
from ontology.letters.normality import Normal, said_normal
from ontology.letters.numbers import numbered
from ontology.letters.phrases import Phrase, named_in
from ontology.letters.tokens import fold, sentences, tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A finding in a text, from `start` up to `end`; `matched` is the name of HPO's that the words spell."""

    start: int
    end: int
    term: TermId
    label: str
    matched: str
    others: tuple[TermId, ...] = ()  # what the same words mean as well; to be asked, not guessed
    excluded: bool = False
    uncertain: bool = False  # suspected, or to be looked for
    relative: bool = False  # a relative has it, not the patient


class LetterReader:
    """Finds phenotypic abnormalities in English prose; made once per release, in about two seconds."""

    def __init__(self, hpo: Hpo) -> None:
        self._hpo = hpo
        self._book = NameBook(hpo)

    def read(self, text: str) -> list[Mention]:
        """The findings that a text mentions, in its order; a finding mentioned twice comes twice.

        An empty text, or one without findings, gives none.
        """
        found = (mention for start, end in sentences(text) for mention in self._sentence(text, start, end))
        return sorted(found, key=lambda mention: (mention.start, mention.end))

    def _sentence(self, text: str, start: int, end: int) -> Iterator[Mention]:
        sentence = text[start:end]
        counted = (*measured(sentence), *milestones(sentence), *numbered(sentence))
        found = [self._as_mention(one, excluded=False) for one in counted]
        found += [self._as_mention(one, excluded=True) for one in said_normal(sentence) if _free(one, found)]
        by_name = [one for one in self._phrases(sentence) if _free(one, found)]
        places = [(one.start, one.end) for one in found] + [(one.start, one.end) for one in by_name]
        for mention in found:
            relative = context_of(sentence, mention.start, mention.end, others=places).relative
            if not (relative and mention.excluded):
                yield _moved(replace(mention, relative=relative), start)
        for phrase in by_name:
            context = context_of(sentence, phrase.start, phrase.end, others=places)
            if context.relative and context.excluded:
                continue  # that no relative has it says nothing of the patient
            term, *others = self._meant(phrase, by_name)
            mention = Mention(
                start=phrase.start,
                end=phrase.end,
                term=term,
                label=self._hpo.label(term) or term,
                matched=phrase.names[0].text,
                others=tuple(others),
                excluded=context.excluded,
                uncertain=context.uncertain,
                relative=context.relative,
            )
            yield _moved(mention, start)

    def _phrases(self, sentence: str) -> list[Phrase]:
        words = [word for word in tokens(sentence, 0, len(sentence)) if word.carries_meaning]
        found = completed(sentence, words, named_in(sentence, words, self._book), self._book)
        found = with_clauses(sentence, found)
        return [one for one in found if not ENGLISH.name_of_other.match(sentence, one.end)]

    def _meant(self, phrase: Phrase, beside: Iterable[Phrase]) -> list[TermId]:
        """The terms of a phrase, first one of an organ system that is spoken of: ASD beside ADHD is autism."""
        best = phrase.names[0]
        meant = list(dict.fromkeys(name.term for name in phrase.names if fold(name.text) == fold(best.text)))
        if len(meant) > 1:
            rest = [other.names[0].term for other in beside if other is not phrase]
            spoken_of = {system for term in rest for system in self._hpo.organ_system(term)}
            meant.sort(key=lambda term: spoken_of.isdisjoint(self._hpo.organ_system(term)))
        return meant

    def _as_mention(self, found: Measured | Normal, *, excluded: bool) -> Mention:
        label = self._hpo.label(found.term) or found.term
        return Mention(start=found.start, end=found.end, term=found.term, label=label, matched=label, excluded=excluded)


def _free(place: Phrase | Normal, taken: Iterable[Mention]) -> bool:
    return all(place.end <= other.start or other.end <= place.start for other in taken)


def _moved(mention: Mention, by: int) -> Mention:
    return replace(mention, start=mention.start + by, end=mention.end + by)
