"""The index of all cases: follows the database by revision, finds the k best exactly."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matchmaker.model import CaseId
from scoring.index.candidates import Engine, fastest
from scoring.index.cases import Filter
from scoring.index.file import IndexFile
from scoring.index.finding import Asked, Moment, Using, find
from scoring.index.found import Answer
from scoring.index.hits import Hit, hits_of
from scoring.index.kept import BackgroundFile
from scoring.index.rows import PER_CASE, Where
from scoring.index.shelf import Shelf
from scoring.index.vocabulary import Vocabulary
from scoring.profile import Profile
from scoring.scorer import Prepared, Scorer

EVERYTHING = Filter()
_LEAST_DEAD = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A case as of a revision; without a profile it is gone."""

    case_id: CaseId
    revision: int
    profile: Profile | None


class Index:
    """Cases ready to be searched. Any number of threads may search while one applies changes.

    `epoch` is the database's, set by who fills the index: one of another epoch is to be thrown away.
    """

    def __init__(
        self,
        scorer: Scorer,
        *,
        epoch: str = "",
        kept: BackgroundFile | None = None,
        engine: Engine | None = None,
        secret: bytes = b"",
        file: IndexFile | None = None,
    ) -> None:
        """Start empty, or with what a file holds of this epoch.

        Parameters
        ----------
        engine : Engine or None
            What searches run on; None: the fastest there is, loaded when first needed.
        secret : bytes
            What owners and families are turned into numbers with.
        """
        self.scorer = scorer
        self._kept = kept
        self.epoch = epoch
        self._engine = engine
        self.secret = secret
        self._lock = threading.Lock()
        self._file = file
        self._holds_gone = False  # the file has cases that are not to be matched any more
        snapshot = None if file is None else file.read(epoch=epoch)
        shelf = Shelf(None if snapshot is None else snapshot.stored)
        self._state = Moment(
            revision=0 if snapshot is None else snapshot.revision,
            n_cases=len(shelf),
            shelf=shelf,
            rows=shelf.rows(),
            vocabulary=Vocabulary.of(shelf.used, scorer.corpus.graph),
        )

    @property
    def revision(self) -> int:
        return self._state.revision

    def __len__(self) -> int:
        return self._state.n_cases

    def __contains__(self, case_id: CaseId) -> bool:
        return self._row(case_id) is not None

    def profile(self, case_id: CaseId) -> Profile | None:
        """The profile that stands in the index, perhaps without owner and family; None when the case is not in it."""
        row = self._row(case_id)
        return None if row is None else self._state.shelf.profile(row)

    def _row(self, case_id: CaseId) -> int | None:
        state = self._state
        row = state.shelf.row(case_id)
        return None if row is None or row >= len(state.rows) else row

    def apply(self, changes: Iterable[Change], *, revision: int) -> None:
        """Bring the index to a revision; of several changes of a case the last revision counts.

        Raises
        ------
        ValueError
            When a profile was resolved against another release. The index stays as it was.
        """
        with self._lock:
            state = self._state
            last = {c.case_id: c.profile for c in sorted(changes, key=lambda c: c.revision)}
            for profile in last.values():
                if profile is not None:
                    self.scorer.check(profile)
            come = [replace(p, case_id=case_id) for case_id, p in last.items() if p is not None]
            self._count([p.observed for p in come], anew=not state.n_cases)
            shelf, now = state.shelf, state.now + 1
            taken = {case_id: shelf.take_out(case_id, at=now) for case_id in last}
            self._holds_gone |= any(p is None and _is_in_file(shelf, taken[case_id]) for case_id, p in last.items())
            self._put(shelf, come)
            n_gone = sum(row is not None for row in taken.values())
            n_cases = state.n_cases - n_gone + len(come)
            revision = max(revision, state.revision)
            shelf = self._tidied(shelf, n_cases=n_cases, revision=revision)
            self._publish(shelf, n_cases=n_cases, revision=revision, now=now)

    def tidy(self) -> None:
        """Write the file anew when that is due; costs nothing when it is not."""
        file, state = self._file, self._state
        if file is None or not self._holds_gone or not self._is_due(state.shelf, state.n_cases):
            return
        with self._lock:
            state = self._state
            shelf = self._tidied(state.shelf, n_cases=state.n_cases, revision=state.revision)
            self._publish(shelf, n_cases=state.n_cases, revision=state.revision, now=state.now)

    def _publish(self, shelf: Shelf, *, n_cases: int, revision: int, now: int) -> None:
        before = self._state
        same = shelf is before.shelf and len(shelf.used) == len(before.vocabulary.used)
        self._state = Moment(
            revision=revision,
            now=now,
            n_cases=n_cases,
            shelf=shelf,
            rows=shelf.rows(),
            vocabulary=before.vocabulary if same else Vocabulary.of(shelf.used, self.scorer.corpus.graph),
        )

    def _is_due(self, shelf: Shelf, n_cases: int) -> bool:
        return self._file is not None and self._file.is_due(
            n_added=shelf.n_added, n_cases=n_cases, holds_gone=self._holds_gone
        )

    def _tidied(self, shelf: Shelf, *, n_cases: int, revision: int) -> Shelf:
        """Write the file when much changed, or soon after a case that it holds is gone; leave dead rows behind."""
        if self._file is not None and self._is_due(shelf, n_cases):
            if self._file.write(shelf.arrays(), n=n_cases, epoch=self.epoch, revision=revision):
                self._holds_gone = False
            snapshot = self._file.read(epoch=self.epoch)
            if snapshot is not None and snapshot.revision == revision:
                return Shelf(snapshot.stored)
        if self._file is None and len(shelf) - n_cases > max(_LEAST_DEAD, n_cases // 4):
            smaller = Shelf()
            self._put(smaller, [shelf.profile(row) for row in shelf.living().tolist()])
            return smaller
        return shelf

    def _put(self, shelf: Shelf, profiles: Sequence[Profile]) -> None:
        backgrounds = self.scorer.backgrounds
        shelf.add(
            profiles,
            [backgrounds.divisor(p.observed) for p in profiles],
            scorer=self.scorer,
            measure=self.engine.measure,
            secret=self.secret,
        )

    def _count(self, lists: Sequence[tuple[int, ...]], *, anew: bool) -> None:
        """Count the backgrounds of cases that come in, at once, with what an earlier process kept."""
        backgrounds = self.scorer.backgrounds
        if self._kept is None or not lists:
            backgrounds.count(lists)
        elif not anew:
            self._kept.append(backgrounds.count(lists))
        else:
            before = self._kept.read()
            backgrounds.learn(before)
            backgrounds.count(lists)
            needed = backgrounds.known(lists)
            if needed != before:
                self._kept.replace(needed)

    def search(
        self, query: Profile, *, k: int, where: Filter = EVERYTHING, sharing_gene: bool | None = None
    ) -> list[Hit]:
        """Find the k best cases that the filter lets through and that have anything in common with the query.

        Parameters
        ----------
        sharing_gene : bool or None
            True: only cases that share a candidate gene or variant; False: only those that share none.

        Returns
        -------
        list of Hit
            Raw score descending at full precision, then case id ascending.
        """
        prepared = self.scorer.prepare(query)
        state = self._state
        found = find(self._using, state, prepared, Asked(k=k, where=where, sharing_gene=sharing_gene))
        return hits_of(Answer.of(found, state.shelf.names, k), prepared)

    def search_apart(
        self, query: Profile | Prepared, *, k: int, where: Filter = EVERYTHING
    ) -> tuple[list[Hit], list[Hit]]:
        """Find all cases that share a gene or variant, and the k best of those that share none, in one pass.

        Returns
        -------
        two lists of Hit
            Each as `search` finds it with `sharing_gene` True (and no limit), and False.
        """
        prepared = query if isinstance(query, Prepared) else self.scorer.prepare(query)
        state = self._state
        found = find(self._using, state, prepared, Asked(k=k, where=where, all_sharing=True))
        sharing, alone = found.at(np.flatnonzero(found.shares)), found.at(np.flatnonzero(~found.shares))
        return (
            hits_of(Answer.of(sharing, state.shelf.names), prepared),
            hits_of(Answer.of(alone, state.shelf.names, k), prepared),
        )

    def n_searched(self, where: Filter) -> int:
        """How many cases the filter lets through."""
        state = self._state
        seen = Where.of(where, secret=self.secret, now=state.now)
        left_out = state.shelf.rows_of(where.exclude_cases, len(state.rows))
        return int(state.rows.visible(seen).sum()) - int(state.rows.visible(seen, left_out).sum())

    def ranking(self, query: Profile, *, k: int, where: Filter = EVERYTHING) -> list[tuple[CaseId, float]]:
        """Find what `search` finds, as pairs of case id and position: for long lists."""
        prepared, state = self.scorer.prepare(query), self._state
        found = find(self._using, state, prepared, Asked(k=k, where=where))
        answer = Answer.of(found, state.shelf.names, k)
        return list(zip(answer.case_ids, prepared.scale.position(answer.found.raw).tolist(), strict=True))

    @property
    def _using(self) -> Using:
        return Using(scorer=self.scorer, engine=self.engine, secret=self.secret)

    @property
    def engine(self) -> Engine:
        """What searches run on."""
        return self._engine or fastest()

    @property
    def moment(self) -> Moment:
        """What a search that begins now reads."""
        return self._state

    def on(self, engine: Engine) -> Index:
        """The same cases, searched by other code; it does not follow what is applied to this one later."""
        other = Index(self.scorer, engine=engine, secret=self.secret)
        other._state = self._state
        return other

    def checksum(self) -> str:
        """A digest of all cases, and of what is kept of each, that does not depend on the order in which they came."""
        state = self._state
        total = 0
        for row in state.shelf.living().tolist():
            numbers = [state.rows.columns[name][row].item() for name in PER_CASE]
            spelled = state.shelf.spelled(row) + repr(numbers).encode()
            total ^= int.from_bytes(hashlib.sha256(spelled).digest(), "big")
        return f"{total:064x}"


def _is_in_file(shelf: Shelf, row: int | None) -> bool:
    return row is not None and shelf.is_stored(row)
