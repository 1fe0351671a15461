"""Find HPO terms and genes by what people type: names in any word order, beginnings, ids, typing errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from matchmaker.model import TermId
from ontology.hpo import SCOPES, Hpo, Names, Scope
from ontology.term_ids import term_id_of, term_number
from ontology.words import WordIndex, words_of

_PARTIAL_ID = re.compile(r"HP[:_]?\s*([0-9]{1,7})", re.IGNORECASE)
_N_CANDIDATES = 120  # texts whose spelling is compared with the query
_SPELLING_SHARE = 0.15
# A word that the release calls broader, narrower or only related is a slightly worse reason than the term's own name.
_SCOPE_COST = {Scope.EXACT: 0.01, Scope.NARROW: 0.02, Scope.BROAD: 0.02, Scope.RELATED: 0.03}
_BREADTH_SHARE = 0.004  # per e-fold of terms below: of two equal readings the one in wider use comes first


@dataclass(frozen=True, slots=True, kw_only=True)
class TermHit:
    """A term, and the label, synonym or id by which it was found; `layperson` is said of that text."""

    term: TermId
    label: str
    matched: str
    layperson: bool
    score: float


class TermSearch:
    """Searches labels and synonyms of all terms that are not obsolete, in every branch of HPO.

    The index is built at the first search, in about half a second.
    """

    def __init__(self, hpo: Hpo) -> None:
        self._hpo = hpo

    def search(self, text: str, *, limit: int = 10, below: TermId | None = None) -> list[TermHit]:
        """The best terms for a text, best first; each term comes once. An empty text finds nothing.

        `below` keeps to one branch: HP:0003674 for onsets, HP:0000118 for phenotypic features.
        """
        if (number := _PARTIAL_ID.fullmatch(text.strip())) is not None or term_number(text) is not None:
            hits = self._by_id(text.strip(), number[1] if number else "")
        else:
            hits = self._by_words(text)
        found: dict[TermId, TermHit] = {}
        for hit in hits:
            if len(found) == limit:
                break
            if hit.term not in found and (below is None or self._hpo.is_below(hit.term, below)):
                found[hit.term] = hit
        return list(found.values())

    def _by_id(self, text: str, digits: str) -> Iterator[TermHit]:
        """The term that an id means now, or those whose ids begin so."""
        resolution = self._hpo.resolve(text)
        exact = (resolution.term, *resolution.consider) if resolution.term else resolution.consider
        begun = (id_ for id_ in self._hpo.current_ids if digits and len(digits) < 7 and id_[3:].startswith(digits))
        for term in (*exact, *begun):
            yield TermHit(term=term, label=self._hpo.label(term) or term, matched=text, layperson=False, score=1.0)

    def _by_words(self, text: str) -> Iterator[TermHit]:
        scores = self._index.scores(text)
        n_candidates = min(_N_CANDIDATES, int(np.count_nonzero(scores)))
        if not n_candidates:
            return
        candidates = np.argpartition(scores, -n_candidates)[-n_candidates:]
        query = " ".join(words_of(text))
        ranked = sorted((-self._final_score(int(c), float(scores[c]), query), int(c)) for c in candidates)
        for negative, candidate in ranked:
            term = term_id_of(int(self._names.terms[candidate]))
            yield TermHit(
                term=term,
                label=self._hpo.label(term) or term,
                matched=self._names.texts[candidate],
                layperson=bool(self._names.layperson[candidate]),
                score=max(0.0, min(1.0, -negative)),
            )

    def _final_score(self, name: int, score: float, query: str) -> float:
        """Words first; then spelling and order of words, what kind of name it is, and how wide the term's use."""
        spelling = fuzz.ratio(query, " ".join(words_of(self._names.texts[name]))) / 100
        scope = int(self._names.scopes[name])
        cost = _SCOPE_COST[SCOPES[scope]] if scope >= 0 else 0.0
        return (1 - _SPELLING_SHARE) * score + _SPELLING_SHARE * spelling - cost + float(self._breadth[name])

    @cached_property
    def _names(self) -> Names:
        return self._hpo.names()

    @cached_property
    def _index(self) -> WordIndex:
        return WordIndex(self._names.texts)

    @cached_property
    def _breadth(self) -> NDArray[np.float64]:
        """A small bonus per name, by the number of terms below its term."""
        n_below = np.bincount(self._hpo.graph.ancestors, minlength=self._hpo.graph.n_terms)
        dense = [self._hpo.index_of(term_id_of(number)) for number in self._names.terms.tolist()]
        return _BREADTH_SHARE * np.log([1 if index is None else n_below[index] for index in dense])
