"""All cases of an index: segments that are mapped from files, and behind them a tail in memory. One writer."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import CaseId, GeneId
from scoring.corpus import Corpus
from scoring.index.cases import Key
from scoring.index.rows import FOR_EVER, Explain
from scoring.index.spelling import encode
from scoring.index.stored import Stored, number_of
from scoring.index.table import Table
from scoring.index.tail import Tail
from scoring.profile import Profile

_NOTHING, _NO_ROWS = np.zeros(0), np.zeros(0, np.int64)


class Shelf:
    """Rows are numbered through: those of the segments in their order, then the tail's."""

    def __init__(self, stored: Sequence[Stored] = ()) -> None:
        self.stored = tuple(stored)
        self.tail = Tail()
        self._starts = [0, *np.cumsum([len(segment) for segment in self.stored]).tolist()]
        self.n_stored: int = self._starts[-1]
        self._earlier: dict[CaseId, list[int]] = {}
        self._explained: dict[GeneId, NDArray[np.float64]] = {}
        self._explaining = threading.Lock()

    def __len__(self) -> int:
        return self.n_stored + self.tail.n

    @property
    def n_added(self) -> int:
        """How many cases are in no file."""
        return self.tail.n

    def rows(self) -> Table:
        """What is there by now."""
        return Table((*(segment.rows for segment in self.stored), self.tail.rows()))

    def row(self, case_id: CaseId) -> int | None:
        """Where a case stands that has not died."""
        row = self.tail.row(case_id)
        if row is not None and self.tail.died[row] == FOR_EVER:
            return self.n_stored + row
        number = number_of(case_id) if self.stored else 0
        for segment, start in zip(reversed(self.stored), reversed(self._starts[:-1]), strict=True):
            row = segment.row(case_id, number)
            if row is not None and segment.rows.columns["died"][row] == FOR_EVER:
                return int(start + row)
        return None

    def take_out(self, case_id: CaseId, *, at: int) -> int | None:
        """Let a case be dead from a moment on; where it was."""
        row = self.row(case_id)
        if row is not None:
            # Those who search an earlier moment still leave it out by its id.
            self._earlier.setdefault(case_id, []).append(row)
            segment, its = self._at(row)
            (self.tail.died if segment is None else segment.rows.columns["died"])[its] = at
        return row

    def segment(self, row: int) -> Stored | None:
        """The segment that a row is in; None: it is in no file."""
        return self._at(row)[0]

    def _at(self, row: int) -> tuple[Stored | None, int]:
        if row >= self.n_stored:
            return None, row - self.n_stored
        for segment in self.stored:
            if row < len(segment):
                return segment, row
            row -= len(segment)
        raise IndexError(row)

    def living(self) -> NDArray[np.int64]:
        """The rows of all cases that have not died."""
        died = [segment.rows.died for segment in self.stored]
        return np.flatnonzero(np.concatenate([*died, self.tail.died[: self.tail.n]]) == FOR_EVER)

    def profile(self, row: int) -> Profile:
        """The profile of a row; one that was read from a file has no owner and no family."""
        segment, its = self._at(row)
        return self.tail.profiles[its] if segment is None else segment.profile(its)

    def names(self, rows: list[int]) -> list[CaseId]:
        """The ids of some rows."""
        found = [self._at(row) for row in rows]
        return [self.tail.profiles[its].case_id if one is None else one.case_id(its) for one, its in found]

    def rows_of(self, case_ids: Iterable[CaseId], n: int) -> NDArray[np.int64]:
        """Where cases stand, and stood, among the first `n` rows."""
        found = [row for case_id in case_ids for row in (self.row(case_id), *self._earlier.get(case_id, ()))]
        return np.array([row for row in found if row is not None and row < n], np.int64)

    def spelled(self, row: int) -> bytes:
        """All that is known of a row, without its owner and family: they stand in columns."""
        segment, its = self._at(row)
        rest = encode(self.tail.profiles[its]) if segment is None else segment.spelled(its)
        rows = self.tail.rows() if segment is None else segment.rows
        terms = [rows.item(name, its).tolist() for name in ("terms", "excluded")]
        return repr((self.names([row]), terms, rest)).encode()

    def having(self, keys: Iterable[Key], n: int) -> dict[Key, NDArray[np.int64]]:
        """For each gene, place and region that any case has, which of the first `n` rows have it."""
        found = ((key, rows) for key in keys if len(rows := self._having(key)))
        return {key: rows[: np.searchsorted(rows, n)] for key, rows in found}

    def _having(self, key: Key) -> NDArray[np.int64]:
        its = self.tail.postings.get(key)
        added = _NO_ROWS if its is None else np.array(its, np.int64) + self.n_stored
        if not self.stored:
            return added
        number = number_of(key)
        stored = [s.having(number) + start for s, start in zip(self.stored, self._starts[:-1], strict=True)]
        return np.concatenate([*stored, added])

    def explained(self, gene: GeneId, n: int, corpus: Corpus, explain: Explain) -> NDArray[np.float64]:
        """Of the first `n` rows that have a gene, how much of their findings it explains; nan: not known.

        Worked out when first asked for: most genes of most cases never are.
        """
        with self._explaining:
            known = self._explained.get(gene, _NOTHING)
            if len(known) < n:
                new = self.rows().lists("terms", self._having(gene)[len(known) : n])
                known = self._explained[gene] = np.concatenate([known, explain(corpus, gene, new)])
            return known[:n]
