"""Columns that grow, from nothing or from a file. One writer; readers take `rows`."""

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
from scoring.index.file import columns_of
from scoring.index.rows import FOR_EVER, PER_CASE, PER_LIST, WIDTH, Measure, Rows, name_number, species_number
from scoring.index.spelling import encode
from scoring.index.stored import Stored, lookups_of, number_of
from scoring.profile import Profile
from scoring.scorer import Scorer

_LEAST = 256


class Shelf:
    """Cases in the order in which they came, and what they can be found by: id, genes, places.

    What a reader holds stays as it is: rows are only ever added, and columns that are full are copied.
    """

    def __init__(self, stored: Stored | None = None) -> None:
        self.n = self._n_stored = 0 if stored is None else len(stored)
        self.used: set[int] = set() if stored is None else set(stored.lookups["used"].tolist())
        self._stored = stored
        # What follows is of the cases that came since: rows from `_n_stored` on.
        self._row_of: dict[CaseId, int] = {}
        self._earlier: dict[CaseId, list[int]] = {}
        self._postings: dict[Key, list[int]] = {}
        self._profiles: list[Profile] = []
        self._explained: dict[GeneId, list[float]] = {}
        self._explaining = threading.Lock()
        if stored is not None:
            self._columns = dict(stored.rows.columns)
            return
        self._columns = {name: np.zeros(_LEAST, kind) for name, kind in PER_CASE.items()}
        for name, kind in PER_LIST.items():
            self._columns[name] = np.zeros(_LEAST, kind)
            self._columns[f"{name}_offsets"] = np.zeros(_LEAST + 1, np.int32)

    def __len__(self) -> int:
        return self.n

    @property
    def n_added(self) -> int:
        """How many cases are in no file."""
        return self.n - self._n_stored

    def rows(self) -> Rows:
        """What is there by now."""
        return Rows(n=self.n, columns=dict(self._columns))

    def row(self, case_id: CaseId) -> int | None:
        """Where a case stands that has not died."""
        row = self._row_of.get(case_id)
        if row is None and self._stored is not None:
            row = self._stored.row(case_id)
        return None if row is None or self._columns["died"][row] != FOR_EVER else row

    def take_out(self, case_id: CaseId, *, at: int) -> int | None:
        """Let a case be dead from a moment on; where it was."""
        row = self.row(case_id)
        if row is not None:
            # Those who search an earlier moment still leave it out by its id.
            self._earlier.setdefault(case_id, []).append(row)
            self._columns["died"][row] = at
        return row

    def is_stored(self, row: int) -> bool:
        """Whether a row came from the file."""
        return row < self._n_stored

    def living(self) -> NDArray[np.int64]:
        """The rows of all cases that have not died."""
        return np.flatnonzero(self._columns["died"][: self.n] == FOR_EVER)

    def profile(self, row: int) -> Profile:
        """The profile of a row; one that was read from the file has no owner and no family."""
        if self._stored is not None and row < self._n_stored:
            return self._stored.profile(row)
        return self._profiles[row - self._n_stored]

    def names(self, rows: list[int]) -> list[CaseId]:
        """The ids of some rows."""
        if self._stored is None:
            return [self._profiles[row].case_id for row in rows]
        return [self.profile(row).case_id if row >= self._n_stored else self._stored.case_id(row) for row in rows]

    def rows_of(self, case_ids: Iterable[CaseId], n: int) -> NDArray[np.int64]:
        """Where cases stand, and stood, among the first `n` rows."""
        found = [row for case_id in case_ids for row in (self.row(case_id), *self._earlier.get(case_id, ()))]
        return np.array([row for row in found if row is not None and row < n], np.int64)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that a file of the living cases holds. What came from a file goes back without being read again."""
        living = self.living()
        added = living[living >= self._n_stored]
        profiles = [encode(self.profile(row)) for row in added.tolist()]
        numbers = np.fromiter(map(number_of, self.names(added.tolist())), np.uint64, count=len(added))
        if self._stored is not None:
            stored = self._stored
            numbers = np.concatenate([stored.id_numbers()[living[: len(living) - len(added)]], numbers])
        to = np.full(self.n, -1, np.int64)
        to[living] = np.arange(len(living))
        columns = columns_of(self.rows(), living, profiles)
        used = np.unique(columns["terms"]).astype(np.int32)
        return {**columns, **lookups_of(numbers, used, self._filed(to))}

    def _filed(self, to: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
        """The rows of each gene, place and region by its number, as `to` renames them; those that it drops are -1."""
        filed: dict[int, NDArray[np.int64]] = {}
        if self._stored is not None:
            for number, rows in self._stored.filed():
                filed[number] = to[rows]
        for key, added in self._postings.items():
            number = number_of(key)
            more = to[np.array(added, np.int64)]
            filed[number] = np.concatenate([filed[number], more]) if number in filed else more
        living = ((number, rows[rows >= 0]) for number, rows in filed.items())
        return {number: rows for number, rows in living if len(rows)}

    def spelled(self, row: int) -> bytes:
        """All that is known of a row, without its owner and family: they stand in columns."""
        terms = [self.rows().item(name, row).tolist() for name in ("terms", "excluded")]
        return repr((self.names([row]), terms, self._spelled(row))).encode()

    def _spelled(self, row: int) -> bytes:
        if self._stored is not None and row < self._n_stored:
            return self._stored.rows.item("profiles", row).tobytes()
        return encode(self.profile(row))

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
            self._append("profiles", row, ())  # spelled when it is written
            for key in keys_of(profile):
                self._postings.setdefault(key, []).append(row)
            self.used.update(profile.observed)
            self._profiles.append(profile)
            self._row_of[profile.case_id] = row
            self.n += 1

    def having(self, keys: Iterable[Key], n: int) -> dict[Key, NDArray[np.int64]]:
        """For each gene, place and region that any case has, which of the first `n` rows have it."""
        found = ((key, self._having(key)) for key in keys)
        return {key: rows[: np.searchsorted(rows, n)] for key, rows in found if len(rows)}

    def _having(self, key: Key) -> NDArray[np.int64]:
        added = np.array(self._postings.get(key, ()), np.int64)
        return added if self._stored is None else np.concatenate([self._stored.having(key), added])

    def explained(self, gene: GeneId, n: int, corpus: Corpus) -> NDArray[np.float64]:
        """Of the first `n` rows that have a gene, how much of their findings it explains; nan: not known.

        Worked out when first asked for: most genes of most cases never are.
        """
        with self._explaining:
            known = self._explained.setdefault(gene, [])
            rows = self.rows()
            for row in self._having(gene)[len(known) : n].tolist() if len(known) < n else ():
                share = corpus.explained(gene, tuple(rows.item("terms", row).tolist()))
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
