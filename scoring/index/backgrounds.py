"""How much each case resembles patients in general: counted once per list of observed terms, many at once."""

from __future__ import annotations

import hashlib
import importlib
import threading
from array import array
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import CaseId
from scoring.background import background
from scoring.combination import TermFacts, combine, divisor_of
from scoring.corpus import Corpus
from scoring.index.cases import Block, IndexedCase
from scoring.parameters import Parameters
from scoring.phenotype import query_size
from scoring.profile import Profile

if TYPE_CHECKING:
    from scoring.index.references import References

Scan = Callable[[Block, Corpus, Profile, NDArray[np.bool_]], TermFacts]
DIGITS = 10  # compiled and plain code differ beyond


class Backgrounds:
    """Backgrounds of one corpus, remembered by a digest of the terms. Any number of threads may ask."""

    def __init__(self, corpus: Corpus, parameters: Parameters, scan: Callable[[], Scan]) -> None:
        self._corpus = corpus
        self._parameters = parameters
        self._scan = scan
        self._known: dict[int, float] = {}
        self._making = threading.Lock()

    def of(self, observed: tuple[int, ...]) -> float:
        """The mean of the largest raw similarities of the list, as a query, to the reference patients.

        Returns
        -------
        float
            >= 0; 0 for no terms or for terms that say nothing. Depends on the list and the release alone.
        """
        key = digest(observed)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._counted([observed])[0]
        return found

    def divisor(self, observed: tuple[int, ...]) -> float:
        """What the sums of a case with these terms are divided by."""
        return float(self.divisors([observed])[0])

    def divisors(self, lists: Sequence[tuple[int, ...]]) -> NDArray[np.float64]:
        """See `divisor`; float64 of shape (n_lists,)."""
        return divisor_of(np.array([self.of(observed) for observed in lists], np.float64), self._parameters)

    def count(self, lists: Sequence[tuple[int, ...]]) -> dict[int, float]:
        """Count what is not known yet, on all cores; return that."""
        missing = {key: terms for terms in lists if (key := digest(terms)) not in self._known}
        if not missing:
            return {}
        found = dict(zip(missing, self._counted(list(missing.values())), strict=True))
        self._known.update(found)
        return found

    def known(self, lists: Sequence[tuple[int, ...]]) -> dict[int, float]:
        """The digests of these lists with their backgrounds, as far as they were counted."""
        keys = {digest(terms) for terms in lists}
        return {key: self._known[key] for key in keys if key in self._known}

    def learn(self, backgrounds: dict[int, float]) -> None:
        """Take backgrounds that were counted before, for the same scoring."""
        self._known.update(backgrounds)

    def _counted(self, lists: Sequence[tuple[int, ...]]) -> list[float]:
        references = self._references
        quick = [] if references is None else [terms for terms in lists if references.fits(terms)]
        found = {} if references is None else dict(zip(quick, references.backgrounds(quick).tolist(), strict=True))
        return [round(found[terms] if terms in found else self.scanned(terms), DIGITS) for terms in lists]

    @cached_property
    def _references(self) -> References | None:
        """The compiled counting; None where numba is missing."""
        with self._making:
            try:
                made: References = importlib.import_module("scoring.index.references").References(
                    self._corpus, self._parameters
                )
            except ImportError:
                return None
            return made

    @cached_property
    def _patients(self) -> Block:
        patients = [
            Profile(case_id=CaseId(str(n)), release=self._corpus.release, observed=tuple(terms))
            for n, terms in enumerate(self._corpus.references())
        ]
        return Block.of([IndexedCase.of(patient, self._corpus) for patient in patients])

    def scanned(self, observed: tuple[int, ...]) -> float:
        """Count one background the slow way, by a scan: for very long lists, and where numba is missing."""
        query = Profile(case_id=CaseId(""), release=self._corpus.release, observed=observed)
        size = query_size(self._corpus, query)
        if size.max_self <= 0.0:
            return 0.0
        everyone = np.ones(len(self._patients), np.bool_)
        facts = self._scan()(self._patients, self._corpus, query, everyone)
        parts = combine(facts, size, self._parameters, divisor=1.0)
        similar = parts.resemblance + parts.common_ground + parts.mutual
        return background(similar, top=self._parameters.background_top)


def digest(observed: Sequence[int]) -> int:
    """A number of 64 bits for a list of terms in ascending order; two lists of a million share one by chance once in
    thirty million stores."""
    packed = array("H", observed).tobytes()
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "big")
