"""The newest cases: columns that grow in memory. One writer; readers take `rows`."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import CaseId
from scoring.gene_weight import n_candidates
from scoring.index.cases import Key, Lists, keys_of
from scoring.index.genotypes import genotype_of
from scoring.index.rows import FOR_EVER, PER_CASE, PER_LIST, WIDTH, Measure, Rows, name_number, species_number
from scoring.profile import Profile
from scoring.scorer import Scorer

_LEAST = 256
# What a profile states, in the order of `_stated`.
_STATED = ("ages", "onsets", "sharing", "test", "species", "owners", "families", "n_candidates", "genotype", "died")


class Tail:
    """Cases in the order in which they came.

    What a reader holds stays as it is: rows are only ever added, and columns that are full are copied.
    """

    def __init__(self) -> None:
        self.n = 0
        self.profiles: list[Profile] = []
        self.postings: dict[Key, list[int]] = {}
        self._row_of: dict[CaseId, int] = {}
        self._columns: dict[str, NDArray[Any]] = {}
        # One number is written through a view in a fraction of the time that numpy takes.
        self._views: dict[str, memoryview] = {}
        for name, kind in PER_CASE.items():
            self._set(name, np.zeros(_LEAST, kind))
        for name, kind in PER_LIST.items():
            self._set(name, np.zeros(_LEAST, kind))
            self._set(f"{name}_offsets", np.zeros(_LEAST + 1, np.int32))

    def rows(self) -> Rows:
        """What is there by now."""
        return Rows(n=self.n, columns=dict(self._columns))

    def row(self, case_id: CaseId) -> int | None:
        """Where a case stands, or stood last."""
        return self._row_of.get(case_id)

    @property
    def died(self) -> NDArray[np.uint32]:
        return self._columns["died"]

    def add(
        self,
        profiles: Sequence[Profile],
        divisors: NDArray[np.float64],
        *,
        scorer: Scorer,
        measure: Measure,
        secret: bytes,
    ) -> None:
        """Add cases at the end; whoever holds earlier rows does not see them."""
        if not profiles:
            return
        parameters, first, end = scorer.parameters, self.n, self.n + len(profiles)
        self._append("terms", [profile.observed for profile in profiles])
        self._append("excluded", [profile.excluded for profile in profiles])
        terms = Lists(offsets=self._columns["terms_offsets"][first : end + 1], values=self._columns["terms"])
        _closures, weights, contents = measure(scorer.corpus, terms)
        counted = {
            "weights": weights,
            "contents": contents,
            "rough_weights": weights,
            "spreads": (contents + parameters.coverage_offset) ** (parameters.coverage_query_share - 1.0),
            "inverses": 1.0 / divisors,
            "divisors": divisors,
        }
        if end > len(self._columns["died"]):
            self._reserve(PER_CASE, end)
        for name, values in counted.items():
            self._columns[name][first:end] = values
        views = [self._views[name] for name in _STATED]
        for row, profile in enumerate(profiles, first):
            for view, number in zip(views, _stated(profile, secret), strict=True):
                view[row] = number
            for key in keys_of(profile):
                self.postings.setdefault(key, []).append(row)
            self._row_of[profile.case_id] = row
        self.profiles.extend(profiles)
        self.n = end

    def _append(self, name: str, lists: Sequence[Sequence[int]]) -> None:
        flat, offsets = array("H", chain.from_iterable(lists)), f"{name}_offsets"
        end = int(self._views[offsets][self.n])
        self._reserve([name], end + len(flat))
        self._reserve([offsets], self.n + len(lists) + 1)
        self._views[name][end : end + len(flat)] = flat
        for row, its in enumerate(lists, self.n + 1):
            end += len(its)
            self._views[offsets][row] = end

    def _reserve(self, names: Iterable[str], least: int) -> None:
        """Make room for more; a column that is full stays as it is with those who read it."""
        for name in names:
            column = self._columns[name]
            if least > len(column):
                larger = np.zeros(max(least, 2 * len(column)), column.dtype)
                larger[: len(column)] = column
                self._set(name, larger)

    def _set(self, name: str, column: NDArray[Any]) -> None:
        self._columns[name] = column
        self._views[name] = column.data


def _stated(profile: Profile, secret: bytes) -> tuple[int, ...]:
    return (
        -1 if profile.age_stage is None else profile.age_stage,
        -1 if profile.onset_stage is None else profile.onset_stage,
        WIDTH[profile.sharing],
        profile.test,
        species_number(profile.species),
        name_number(profile.owner, secret),
        name_number(profile.family, secret),
        n_candidates(profile),
        genotype_of(profile),
        FOR_EVER,
    )
