"""An inverted index over words: what a few typed words, or the beginnings of them, may mean."""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from ontology.columns import Rows

_WORD = re.compile(r"[^\W_]+")
# Both spellings of English fold to one: haemoglobin, oedema, tumour.
_SPELLINGS = (("ae", "e"), ("oe", "e"), ("our", "or"))
_PREFIX_FLOOR = 0.6  # of a word's weight, for its shortest beginning
_EDIT_COST = 0.15
_ENOUGH = 5  # words that begin as typed: then it is hardly a typing error
_TINY = 1e-9
_MAX_WORDS = 24  # a pasted letter is not a search


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meaning:
    """The known words that a typed word may mean: rows of the vocabulary, and how well each fits, in (0, 1]."""

    rows: NDArray[np.int64]
    fits: NDArray[np.float64]


def words_of(text: str) -> list[str]:
    """Fold a text to comparable words: case, accents, plurals and British spelling are gone.

    Examples
    --------
    >>> words_of("Café-au-lait spots; anaemia")
    ['cafe', 'au', 'lait', 'spot', 'anemia']
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return [_folded(word) for word in _WORD.findall(plain.replace("'", ""))]


class WordIndex:
    """Finds texts by their words, in any order.

    A word of the query means the same word, else words that begin so, else words within one or two typing errors; the
    last word, which may still be being typed, means all that begin so.

    Notes
    -----
    A word weighs ln(1 + n_texts / n_texts with it), and fits by how much of it was typed, or how few errors there are.
    A text's score is the harmonic mean of the weight of the query that it covers, in the reading that fits it best, and
    of its own weight that is covered (the F1 measure of information retrieval), in [0, 1].
    """

    def __init__(self, texts: Sequence[str]) -> None:
        in_order = [words_of(text) for text in texts]
        self.folded = [" ".join(words) for words in in_order]
        bags = [tuple(dict.fromkeys(words)) for words in in_order]
        self._vocabulary = sorted({word for bag in bags for word in bag})
        lengths = np.array([len(word) for word in self._vocabulary], np.int64)
        # A word with n typing errors differs by at most n letters in length: only those are compared.
        self._rows_by_length = np.argsort(lengths, kind="stable")
        self._lengths = lengths[self._rows_by_length]
        self._by_length = [self._vocabulary[row] for row in self._rows_by_length.tolist()]
        row_of = {word: row for row, word in enumerate(self._vocabulary)}
        n_words = np.array([len(bag) for bag in bags], np.int64)
        words = np.fromiter((row_of[word] for bag in bags for word in bag), np.int64, count=int(n_words.sum()))
        entries = np.repeat(np.arange(len(bags)), n_words)
        self._texts_of_word = Rows.group(words, entries, n_rows=len(self._vocabulary))
        self._n_texts = len(bags)
        self._weights = np.log1p(len(bags) / np.diff(self._texts_of_word.offsets))
        self._text_weights = np.bincount(entries, self._weights[words], minlength=len(bags))

    def scores(self, query: str) -> NDArray[np.float64]:
        """Score every text against a query: shape (n_texts,), in [0, 1]; all 0 when no word is known."""
        words = list(dict.fromkeys(words_of(query)))[:_MAX_WORDS]
        covered, asked = np.zeros(self._n_texts), np.zeros(self._n_texts)
        for position, word in enumerate(words):
            meaning = self._meaning(word, may_go_on=position == len(words) - 1)
            self._read(meaning, covered, asked, unread=self._weight_unread(word, meaning))
        # F1 of the share of the query, covered / asked, and the share of the text, covered / its weight.
        scores: NDArray[np.float64] = 2 * covered / np.maximum(asked + self._text_weights, _TINY)
        return scores

    def _meaning(self, word: str, *, may_go_on: bool) -> _Meaning:
        first = bisect_left(self._vocabulary, word)
        known = first < len(self._vocabulary) and self._vocabulary[first] == word
        if known and not may_go_on:
            return _Meaning(rows=np.array([first]), fits=np.ones(1))
        end = bisect_left(self._vocabulary, word + "\U0010ffff")
        lengths = np.array([len(other) for other in self._vocabulary[first:end]], np.int64)
        fits = _PREFIX_FLOOR + (1 - _PREFIX_FLOOR) * (len(word) / lengths) ** 2
        begun = _Meaning(rows=np.arange(first, end), fits=fits)
        if known or end - first >= _ENOUGH:
            return begun
        # "epilepsi" begins one rare word, and is a slip for a usual one.
        misspelt = self._misspelt(word)
        return _Meaning(rows=np.append(begun.rows, misspelt.rows), fits=np.append(begun.fits, misspelt.fits))

    def _misspelt(self, word: str) -> _Meaning:
        """Words one edit away, two for long words; none for words too short to tell."""
        allowed = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
        if not allowed:
            return _Meaning(rows=np.zeros(0, np.int64), fits=np.zeros(0))
        nearby = slice(*np.searchsorted(self._lengths, [len(word) - allowed, len(word) + allowed + 1]).tolist())
        words = self._by_length[nearby]
        edits = process.cdist([word], words, scorer=OSA.distance, score_cutoff=allowed, dtype=np.uint8)[0]
        close = np.flatnonzero(edits <= allowed)
        return _Meaning(rows=self._rows_by_length[nearby][close], fits=1 - _EDIT_COST * edits[close])

    def _weight_unread(self, word: str, meaning: _Meaning) -> float:
        """What a typed word weighs in texts without it: as its most usual reading; unknown words half the rarest."""
        if not len(meaning.rows):
            return math.log1p(self._n_texts) / 2 if len(word) > 1 else 0.0
        return float(self._weights[meaning.rows].min())

    def _read(
        self, meaning: _Meaning, covered: NDArray[np.float64], asked: NDArray[np.float64], *, unread: float
    ) -> None:
        """Add, per text, the weight of a typed word in its best reading there, and how much of it is covered."""
        weights, fits = np.full(self._n_texts, unread), np.zeros(self._n_texts)
        # Worst first: of several readings in one text the last to be written stays.
        for row, fit in sorted(zip(meaning.rows.tolist(), meaning.fits.tolist(), strict=True), key=itemgetter(1)):
            texts = self._texts_of_word[row]
            weights[texts], fits[texts] = self._weights[row], fit
        covered += weights * fits
        asked += weights


def _folded(word: str) -> str:
    for british, folded in _SPELLINGS:
        word = word.replace(british, folded)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
