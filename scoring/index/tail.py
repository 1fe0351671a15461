"""The newest cases: columns that grow in memory. One writer; readers take `rows`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import CaseId
from scoring.gene_weight import n_candidates
from scoring.index.cases import Key, Lists, keys_of
from scoring.index.rows import FOR_EVER, PER_CASE, PER_LIST, WIDTH, Measure, Rows, name_number, species_number
from scoring.profile import Profile
from scoring.scorer import Scorer

_LEAST = 256


class Tail:
    """Cases in the order in which they came.

    What a reader holds stays as it is: rows are only ever added, and columns that are full are copied.
    """

    def __init__(self) -> None:
        self.n = 0
        self.profiles: list[Profile] = []
        self.postings: dict[Key, list[int]] = {}
        self._row_of: dict[CaseId, int] = {}
        self._columns: dict[str, NDArray[Any]] = {name: np.zeros(_LEAST, kind) for name, kind in PER_CASE.items()}
        for name, kind in PER_LIST.items():
            self._columns[name] = np.zeros(_LEAST, kind)
            self._columns[f"{name}_offsets"] = np.zeros(_LEAST + 1, np.int32)

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
        divisors: Sequence[float],
        *,
        scorer: Scorer,
        measure: Measure,
        secret: bytes,
    ) -> None:
        """Add cases at the end; whoever holds earlier rows does not see them."""
        if not profiles:
            return
        parameters = scorer.parameters
        _closures, weights, contents = measure(scorer.corpus, Lists.of([profile.observed for profile in profiles]))
        spreads = (contents + parameters.coverage_offset) ** (parameters.coverage_query_share - 1.0)
        first, end = self.n, self.n + len(profiles)
        divided = np.array(divisors, np.float64)
        values: dict[str, Any] = {
            "weights": weights,
            "contents": contents,
            "rough_weights": weights,
            "spreads": spreads,
            "inverses": 1.0 / divided,
            "divisors": divided,
            "ages": [-1 if profile.age_stage is None else profile.age_stage for profile in profiles],
            "onsets": [-1 if profile.onset_stage is None else profile.onset_stage for profile in profiles],
            "sharing": [WIDTH[profile.sharing] for profile in profiles],
            "test": [profile.test for profile in profiles],
            "species": [species_number(profile.species) for profile in profiles],
            "owners": [name_number(profile.owner, secret) for profile in profiles],
            "families": [name_number(profile.family, secret) for profile in profiles],
            "n_candidates": [n_candidates(profile) for profile in profiles],
            "bare": [not profile.alleles and profile.inheritance_mode is None for profile in profiles],
            "died": FOR_EVER,
        }
        for name, value in values.items():
            column = self._columns[name]
            if end > len(column):
                column = self._columns[name] = _doubled(column, end)
            column[first:end] = value
        self._append("terms", [profile.observed for profile in profiles])
        self._append("excluded", [profile.excluded for profile in profiles])
        for row, profile in enumerate(profiles, first):
            for key in keys_of(profile):
                self.postings.setdefault(key, []).append(row)
            self._row_of[profile.case_id] = row
        self.profiles.extend(profiles)
        self.n = end

    def _append(self, name: str, lists: Sequence[Sequence[int]]) -> None:
        offsets, flat = self._columns[f"{name}_offsets"], self._columns[name]
        ends = np.cumsum([len(values) for values in lists]) + int(offsets[self.n])
        end = self.n + len(lists)
        if end >= len(offsets):
            offsets = self._columns[f"{name}_offsets"] = _doubled(offsets, end + 1)
        if ends[-1] > len(flat):
            flat = self._columns[name] = _doubled(flat, int(ends[-1]))
        flat[offsets[self.n] : ends[-1]] = [value for values in lists for value in values]
        offsets[self.n + 1 : end + 1] = ends


def _doubled(column: NDArray[Any], least: int) -> NDArray[Any]:
    """A copy with room for more; the old one stays with those who read it."""
    larger = np.zeros(max(least, 2 * len(column)), column.dtype)
    larger[: len(column)] = column
    return larger
