"""Find HPO terms and genes by what people type: names in any word order, beginnings, ids, typing errors."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from matchmaker.model import GeneId, TermId
from ontology.annotations import Annotations
from ontology.genes import NAME_KINDS, GeneTable, ResolvedBy
from ontology.hpo import Hpo
from ontology.term_ids import term_id_of, term_number
from ontology.terms import SCOPES, Names, Scope
from ontology.words import WordIndex, words_of

_PARTIAL_ID = re.compile(r"HP[:_]?\s*([0-9]{1,7})", re.IGNORECASE)
_N_CANDIDATES = 120  # texts whose spelling is compared with the query
_SPELLING_SHARE = 0.15
# A synonym that the release calls broader, narrower or only related is a slightly worse reason than a term's own name,
# which is the last here: it has position -1 among the scopes.
_COST_OF = {Scope.EXACT: 0.01, Scope.NARROW: 0.02, Scope.BROAD: 0.02, Scope.RELATED: 0.03}
_SCOPE_COSTS = np.array([*(_COST_OF[scope] for scope in SCOPES), 0.0])
_USE_SHARE = 0.5  # of what the words leave open: "se" is a seizure rather than a serositis

# A whole approved symbol is 1; a whole previous symbol or alias less; a beginning by how much of the name it is.
_KIND_WORTH = np.array(
    [{ResolvedBy.SYMBOL: 1.0, ResolvedBy.PREVIOUS: 0.9, ResolvedBy.ALIAS: 0.85}[k] for k in NAME_KINDS]
)
_BEGUN, _WORDS, _MISSPELT = 0.8, 0.7, 0.6
_NOT_CODING = 0.9  # candidate genes are nearly always protein-coding, and pseudogenes share their beginnings
_SURE_WORDS = 0.5  # words of a gene's name are many and alike
_SHORTEST_BEGINNING = 2
_SHORTEST_MISSPELT = 4

_Found = tuple[int, str, float]  # row of the gene, name by which it was found, score


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

    Where words leave open what is meant, the more usual term comes first: that of more diseases when annotations are
    given, else the one with more terms below it.
    The index is built at the first search, in about half a second.
    """

    def __init__(self, hpo: Hpo, annotations: Annotations | None = None) -> None:
        self._hpo = hpo
        self._annotations = annotations

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
        names, scores = self._candidates(text)
        for position in np.lexsort((names, -scores)).tolist():
            name = int(names[position])
            term = term_id_of(int(self._names.terms[name]))
            yield TermHit(
                term=term,
                label=self._hpo.label(term) or term,
                matched=self._names.texts[name],
                layperson=bool(self._names.layperson[name]),
                score=max(0.0, float(scores[position])),
            )

    def _candidates(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The names nearest to a text and their scores: words and use, then spelling, order and kind of name."""
        by_words = self._index.scores(text)
        names = np.flatnonzero(by_words)
        scores = by_words[names]
        scores += _USE_SHARE * (1 - scores) * self._use[names]
        if len(names) > _N_CANDIDATES:
            best = np.argpartition(scores, -_N_CANDIDATES)[-_N_CANDIDATES:]
            names, scores = names[best], scores[best]
        folded = [self._index.folded[name] for name in names.tolist()]
        spelling = process.cdist([" ".join(words_of(text))], folded, scorer=fuzz.ratio)[0] / 100
        costs = _SCOPE_COSTS[self._names.scopes[names]]
        return names, (1 - _SPELLING_SHARE) * scores + _SPELLING_SHARE * spelling - costs

    @cached_property
    def _names(self) -> Names:
        return self._hpo.names()

    @cached_property
    def _index(self) -> WordIndex:
        return WordIndex(self._names.texts)

    @cached_property
    def _use(self) -> NDArray[np.float64]:
        """How usual the term of each name is, in [0, 1], on a logarithmic scale; 0 outside phenotypic abnormality."""
        graph = self._hpo.graph
        counted = graph.ancestors if self._annotations is None else self._annotations.term_disease
        usual = np.log1p(np.bincount(counted, minlength=graph.n_terms))
        dense = [self._hpo.index_of(term_id_of(number)) for number in self._names.terms.tolist()]
        return np.array([0.0 if index is None else usual[index] for index in dense]) / max(1.0, float(usual.max()))


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneHit:
    """A gene, and the symbol, alias, name or id by which it was found."""

    gene: GeneId
    symbol: str
    matched: str
    score: float


class GeneSearch:
    """Searches symbols, previous symbols, aliases and ids; words of names and near misses where these find too few."""

    def __init__(self, genes: GeneTable) -> None:
        self._genes = genes

    def search(self, text: str, *, limit: int = 10) -> list[GeneHit]:
        """The best genes for a text, best first; each gene comes once. An empty text finds nothing."""
        typed = text.strip()
        resolution = self._genes.resolve(typed)
        if resolution.gene is not None and resolution.kind not in NAME_KINDS:
            symbol = self._genes.symbol(resolution.gene)
            return [GeneHit(gene=resolution.gene, symbol=symbol, matched=typed, score=1.0)][:limit]
        # "TLR 7" and "TLR-7" are ways to write TLR7.
        found = self._by_name(typed, limit) or self._by_name(typed.replace(" ", "").replace("-", ""), limit)
        if len(found) < limit:
            found += self._by_words(typed, limit)
        found = found or self._by_near_symbol(typed)
        best: dict[int, tuple[float, str]] = {}
        for row, matched, score in sorted(found, key=lambda hit: (-hit[2], len(hit[1]), hit[1])):
            best.setdefault(row, (score, matched))
        return [self._hit(row, matched, score) for row, (score, matched) in list(best.items())[:limit]]

    def _by_name(self, typed: str, limit: int) -> list[_Found]:
        """Names that are, or begin with, what was typed."""
        key, names = typed.upper(), self._genes.names
        last = key + "\U0010ffff" if len(key) >= _SHORTEST_BEGINNING else key + "\0"
        found = slice(bisect_left(names, key), bisect_left(names, last))
        if not key or found.start == found.stop:
            return []
        rows, lengths = self._genes.name_rows[found], names.lengths()[found]
        whole = lengths == len(key.encode())
        begun = _BEGUN * np.sqrt(len(key.encode()) / lengths) * np.where(self._genes.coding[rows], 1.0, _NOT_CODING)
        scores = _KIND_WORTH[self._genes.name_kinds[found]] * np.where(whole, 1.0, begun)
        # A gene may have several names that begin so; four each are room enough.
        best = np.argsort(-scores, kind="stable")[: 4 * limit].tolist()
        return [(int(rows[i]), names[found.start + i], float(scores[i])) for i in best]

    def _by_words(self, typed: str, limit: int) -> list[_Found]:
        scores = self._words.scores(typed)
        scores = np.where(scores >= _SURE_WORDS, scores * np.where(self._genes.coding, 1.0, _NOT_CODING), 0.0)
        best = np.argsort(-scores, kind="stable")[: 2 * limit].tolist()
        names = self._genes.full_names
        return [(row, names[row], _WORDS * float(scores[row])) for row in best if scores[row]]

    def _by_near_symbol(self, typed: str) -> list[_Found]:
        """Approved symbols one edit away."""
        key = typed.upper()
        if len(key) < _SHORTEST_MISSPELT:
            return []
        edits = process.cdist([key], self._symbols, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8)[0]
        rows = np.flatnonzero(edits <= 1).tolist()
        return [
            (row, self._symbols[row], _MISSPELT if self._genes.coding[row] else _MISSPELT * _NOT_CODING) for row in rows
        ]

    def _hit(self, row: int, matched: str, score: float) -> GeneHit:
        """With the matched name as HGNC writes it; the search itself runs on capitals."""
        gene = self._genes.gene(self._genes.ids[row])
        written = {name.upper(): name for name in (*gene.aliases, *gene.previous, gene.symbol)}
        return GeneHit(gene=gene.id, symbol=gene.symbol, matched=written.get(matched, matched), score=score)

    @cached_property
    def _symbols(self) -> list[str]:
        return [symbol.upper() for symbol in self._genes.symbols]

    @cached_property
    def _words(self) -> WordIndex:
        return WordIndex(self._genes.full_names)
