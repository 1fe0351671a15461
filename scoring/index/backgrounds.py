"""How much each case resembles patients in general: counted once per list of observed terms, many at once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

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

Scan = Callable[[Block, Corpus, Profile, NDArray[np.bool_]], TermFacts]
DIGITS = 10  # compiled and plain code differ beyond
_MANY = 32  # lists from which on threads are worth their start


class Backgrounds:
    """Backgrounds of one corpus, remembered by a digest of the terms. Any number of threads may ask."""

    def __init__(self, corpus: Corpus, parameters: Parameters, scan: Callable[[], Scan]) -> None:
        self._corpus = corpus
        self._parameters = parameters
        self._scan = scan
        self._known: dict[int, float] = {}

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
            found = self._known[key] = self._counted(observed)
        return found

    def divisor(self, observed: tuple[int, ...]) -> float:
        """What the sums of a case with these terms are divided by."""
        return float(divisor_of(np.array([self.of(observed)]), self._parameters)[0])

    def count(self, lists: Sequence[tuple[int, ...]]) -> dict[int, float]:
        """Count what is not known yet, on all cores; return that."""
        missing = list({digest(terms): terms for terms in lists if digest(terms) not in self._known}.values())
        if len(missing) < _MANY:
            found = [self.of(terms) for terms in missing]
        else:
            _ = self._patients  # made once, before the threads
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                found = list(pool.map(self.of, missing))
        return dict(zip(map(digest, missing), found, strict=True))

    def known(self, lists: Sequence[tuple[int, ...]]) -> dict[int, float]:
        """The digests of these lists with their backgrounds, as far as they were counted."""
        keys = {digest(terms) for terms in lists}
        return {key: self._known[key] for key in keys if key in self._known}

    def learn(self, backgrounds: dict[int, float]) -> None:
        """Take backgrounds that were counted before, for the same scoring."""
        self._known.update(backgrounds)

    @cached_property
    def _patients(self) -> Block:
        patients = [
            Profile(case_id=CaseId(str(n)), release=self._corpus.release, observed=tuple(terms))
            for n, terms in enumerate(self._corpus.references())
        ]
        return Block.of([IndexedCase.of(patient, self._corpus) for patient in patients])

    def _counted(self, observed: tuple[int, ...]) -> float:
        query = Profile(case_id=CaseId(""), release=self._corpus.release, observed=observed)
        size = query_size(self._corpus, query)
        if size.max_self <= 0.0:
            return 0.0
        everyone = np.ones(len(self._patients), np.bool_)
        facts = self._scan()(self._patients, self._corpus, query, everyone)
        parts = combine(facts, size, self._parameters, divisor=1.0)
        similar = parts.resemblance + parts.common_ground + parts.mutual
        return round(background(similar, top=self._parameters.background_top), DIGITS)


def digest(observed: Sequence[int]) -> int:
    """A number of 64 bits for a list of terms in ascending order; two lists of a million share one by chance once in
    thirty million stores."""
    packed = np.asarray(observed, np.uint16).tobytes()
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "big")
