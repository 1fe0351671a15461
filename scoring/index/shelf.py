"""Columns that grow: where cases stand until they are put away in a segment. One writer; readers take `rows`."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import CaseId, GeneId
from scoring.corpus import Corpus
from scoring.gene_weight import n_candidates
from scoring.index.cases import Key, Lists, keys_of
from scoring.index.rows import FOR_EVER, PER_CASE, PER_LIST, WIDTH, Measure, Rows, name_number, species_number
from scoring.profile import Profile
from scoring.scorer import Scorer

_LEAST = 256


class Shelf:
    """Cases in the order in which they came, and what they can be found by: id, genes, places.

    What a reader holds stays as it is: rows are only ever added, and columns that are full are copied.
    """

    def __init__(self) -> None:
        self.n = 0
        self.row_of: dict[CaseId, int] = {}
        self.postings: dict[Key, list[int]] = {}
        self.profiles: list[Profile] = []
        self.case_ids: list[CaseId] = []
        self.used: set[int] = set()
        self._explained: dict[GeneId, list[float]] = {}
        self._explaining = threading.Lock()
        self._columns: dict[str, NDArray[Any]] = {name: np.zeros(_LEAST, kind) for name, kind in PER_CASE.items()}
        for name, kind in PER_LIST.items():
            self._columns[name] = np.zeros(_LEAST, kind)
            self._columns[f"{name}_offsets"] = np.zeros(_LEAST + 1, np.int32)

    def __len__(self) -> int:
        return self.n

    def rows(self) -> Rows:
        """What is there by now."""
        return Rows(n=self.n, columns=dict(self._columns))

    def take_out(self, case_id: CaseId, *, at: int) -> bool:
        """Let a case be dead from a moment on; whether it was there."""
        row = self.row_of.pop(case_id, None)
        if row is not None:
            self._columns["died"][row] = at
            return True
        return False

    def living(self) -> list[Profile]:
        """The profiles of all cases that are not dead."""
        return [self.profiles[row] for row in sorted(self.row_of.values())]

    def rows_of(self, case_ids: Iterable[CaseId], n: int) -> NDArray[np.int64]:
        """Where cases stand among the first `n` rows."""
        found = (self.row_of.get(case_id, n) for case_id in case_ids)
        return np.array([row for row in found if row < n], np.int64)

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
        for number, profile in enumerate(profiles):
            row = self.n
            values = {
                "weights": weights[number],
                "contents": contents[number],
                "rough_weights": weights[number],
                "spreads": spreads[number],
                "inverses": 1.0 / divisors[number],
                "divisors": divisors[number],
                "ages": -1 if profile.age_stage is None else profile.age_stage,
                "onsets": -1 if profile.onset_stage is None else profile.onset_stage,
                "sharing": WIDTH[profile.sharing],
                "test": profile.test,
                "species": species_number(profile.species),
                "owners": name_number(profile.owner, secret),
                "families": name_number(profile.family, secret),
                "n_candidates": n_candidates(profile),
                "bare": not profile.alleles and profile.inheritance_mode is None,
                "died": FOR_EVER,
            }
            for name, value in values.items():
                self._put(name, row, value)
            self._append("terms", row, profile.observed)
            self._append("excluded", row, profile.excluded)
            self._append("case_ids", row, tuple(profile.case_id.encode()))
            for key in keys_of(profile):
                self.postings.setdefault(key, []).append(row)
            self.used.update(profile.observed)
            self.profiles.append(profile)
            self.case_ids.append(profile.case_id)
            self.row_of[profile.case_id] = row
            self.n += 1

    def having(self, keys: Iterable[Key], n: int) -> dict[Key, NDArray[np.int64]]:
        """For each gene, place and region that any case has, which of the first `n` rows have it."""
        found = ((key, self.postings.get(key)) for key in keys)
        filed = {key: np.array(rows, np.int64) for key, rows in found if rows}
        return {key: rows[: np.searchsorted(rows, n)] for key, rows in filed.items()}

    def explained(self, gene: GeneId, n: int, corpus: Corpus) -> NDArray[np.float64]:
        """Of the first `n` rows that have a gene, how much of their findings it explains; nan: not known.

        Worked out when first asked for: most genes of most cases never are.
        """
        with self._explaining:
            known = self._explained.setdefault(gene, [])
            for row in self.postings[gene][len(known) : n]:
                share = corpus.explained(gene, self.profiles[row].observed)
                known.append(np.nan if share is None else share)
            return np.array(known[:n], np.float64)

    def _put(self, name: str, row: int, value: Any) -> None:
        column = self._columns[name]
        if row >= len(column):
            column = self._columns[name] = _doubled(column, row + 1)
        column[row] = value

    def _append(self, name: str, row: int, values: Sequence[int]) -> None:
        offsets, flat = self._columns[f"{name}_offsets"], self._columns[name]
        start = int(offsets[row])
        end = start + len(values)
        if row + 1 >= len(offsets):
            offsets = self._columns[f"{name}_offsets"] = _doubled(offsets, row + 2)
        if end > len(flat):
            flat = self._columns[name] = _doubled(flat, end)
        flat[start:end] = values
        offsets[row + 1] = end


def _doubled(column: NDArray[Any], least: int) -> NDArray[Any]:
    """A copy with room for more; the old one stays with those who read it."""
    larger = np.zeros(max(least, 2 * len(column)), column.dtype)
    larger[: len(column)] = column
    return larger
