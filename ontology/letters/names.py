"""The names by which a letter may call a finding: HPO's, what people say, and those that follow from both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matchmaker.model import TermId
from ontology.hpo import Hpo
from ontology.letters.english import ENGLISH
from ontology.letters.tokens import tokens
from ontology.term_ids import PHENOTYPIC_ABNORMALITY, term_id_of
from ontology.terms import SCOPES, Scope

_SHORT_ABBREVIATION = 5
_COSTS = {Scope.EXACT: 2, Scope.NARROW: 3, Scope.BROAD: 4, Scope.RELATED: 5}
EXACT = _COSTS[Scope.EXACT]  # the cost of an exact synonym
_FOLLOWS = 6  # dearer than any name that HPO gives
_MOST_ADDED = 3  # words that a more exact term adds to a broader one's label


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A text that names a term; `cost` is lowest for the name to prefer where several are spelt alike."""

    text: str
    term: TermId
    cost: int

    @property
    def abbreviation(self) -> bool:
        return len(self.text) <= _SHORT_ABBREVIATION and sum(c.isupper() for c in self.text) > 1


def finding_names(hpo: Hpo) -> list[Name]:
    """The names of all phenotypic abnormalities; those that follow from others last."""
    below = set(hpo.below(PHENOTYPIC_ABNORMALITY))
    given = [*_sayings(below), *_of_hpo(hpo, below)]
    return [*given, *_more_exact(hpo, given), *_worded_otherwise(given), *_without_optional_words(given)]


def _sayings(below: set[TermId]) -> Iterator[Name]:
    for text, term in ENGLISH.sayings.items():
        if term in below:
            yield Name(text=text, term=TermId(term), cost=0)


def _of_hpo(hpo: Hpo, below: set[TermId]) -> Iterator[Name]:
    names = hpo.names()
    for text, number, scope in zip(names.texts, names.terms.tolist(), names.scopes.tolist(), strict=True):
        term = term_id_of(number)
        if term in below:
            yield Name(text=text, term=term, cost=1 if scope < 0 else _COSTS[SCOPES[scope]])


def _more_exact(hpo: Hpo, given: list[Name]) -> Iterator[Name]:
    """What a term's label adds to a broader one's, said with that one's synonyms: "perimembranous VSD"."""
    synonyms: Mapping[TermId, list[str]] = defaultdict(list)
    for name in given:
        if name.cost in (0, EXACT):
            synonyms[name.term].append(name.text)
    for broader, texts in synonyms.items():
        own = _words(hpo.label(broader) or "")
        for term in hpo.children(broader):
            label = hpo.label(term) or ""
            added = [word for word in label.replace(",", "").split() if word.casefold() not in own]
            n_left = len(_words(label)) - len(own)
            if 0 < len(added) == n_left <= _MOST_ADDED:
                for text in texts:
                    yield Name(text=f"{' '.join(added)} {text}", term=term, cost=_FOLLOWS)


def _worded_otherwise(given: list[Name]) -> Iterator[Name]:
    for name in given:
        folded = name.text.casefold()
        for said, variants in ENGLISH.variants.items():
            if said in folded and folded != said:
                for variant in variants:
                    yield Name(text=folded.replace(said, variant), term=name.term, cost=_FOLLOWS)


def _without_optional_words(given: list[Name]) -> Iterator[Name]:
    """Names without the words that a letter leaves out: "claw hand" for "Claw hand deformity"."""
    for name in given:
        kept = [word for word in name.text.split() if word.casefold() not in ENGLISH.optional]
        said = " ".join(kept)
        if len(kept) < len(name.text.split()) and sum(word.carries_meaning for word in tokens(said, 0, len(said))) > 1:
            yield Name(text=said, term=name.term, cost=_FOLLOWS)


def _words(text: str) -> set[str]:
    return {word.text.casefold() for word in tokens(text, 0, len(text))}
