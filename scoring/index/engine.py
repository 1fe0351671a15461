"""The index of all cases: follows the database by revision, finds the k best exactly."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from matchmaker.model import CaseId
from scoring.index.candidates import Engine, Using, fastest
from scoring.index.cases import Filter
from scoring.index.finding import Asked, Moment, find
from scoring.index.found import Answer
from scoring.index.hits import Apart, Hit, hits_of
from scoring.index.intake import Intake
from scoring.index.keeping import Keeper
from scoring.index.kept import BackgroundFile
from scoring.index.rows import PER_CASE, Where
from scoring.index.shelf import Shelf
from scoring.index.vocabulary import Vocabulary
from scoring.profile import Profile
from scoring.scorer import Prepared, Scorer

EVERYTHING = Filter()
_LEAST_DEAD = 256
_AT_ONCE = 20_000  # changes that are taken in together


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A case as of a revision; without a profile it is gone."""

    case_id: CaseId
    revision: int
    profile: Profile | None


class Index:
    """Cases ready to be searched. Any number of threads may search while one applies changes.

    `epoch` is the database's, set by who fills the index: one of another epoch is to be thrown away, and so is one that
    is not `is_sound`, or `is_overtaken`.
    """

    def __init__(
        self,
        scorer: Scorer,
        *,
        epoch: str = "",
        kept: BackgroundFile | None = None,
        engine: Engine | None = None,
        secret: bytes = b"",
        keeper: Keeper | None = None,
    ) -> None:
        """Start empty, or with what files hold of this epoch.

        Parameters
        ----------
        engine : Engine or None
            What searches run on; None: the fastest there is, loaded when first needed.
        secret : bytes
            What owners and families are turned into numbers with.
        """
        self.scorer = scorer
        self._intake = Intake(scorer, secret=secret, kept=kept, keeper=keeper)
        self.epoch = epoch
        self._engine = engine
        self.secret = secret
        self._lock = threading.Lock()
        self._keeper = keeper
        self._writing = threading.Lock()
        self._writer: threading.Thread | None = None
        snapshot = None if keeper is None else keeper.read(epoch=epoch)
        shelf = Shelf(() if snapshot is None else snapshot.stored)
        used = np.concatenate([np.zeros(0, np.int32), *(segment.lookups["used"] for segment in shelf.stored)])
        self._state = Moment(
            revision=0 if snapshot is None else snapshot.revision,
            n_cases=sum(int(np.count_nonzero(segment.rows.died)) for segment in shelf.stored),  # dead ones died at 0
            shelf=shelf,
            rows=shelf.rows(),
            vocabulary=Vocabulary.empty(scorer.corpus.graph).including(used, scorer.corpus.graph),
        )

    @property
    def revision(self) -> int:
        return self._state.revision

    @property
    def is_overtaken(self) -> bool:
        """Whether another process wrote files that this index does not stand on: opening them anew saves memory."""
        return self._keeper is not None and self._keeper.is_overtaken

    def is_sound(self) -> bool:
        """Whether the files were as they had been written; to be asked before the first search. Waits until known."""
        return self._keeper is None or self._keeper.folder.is_sound()

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

        More changes than fit into memory come in the order of their revisions.

        Raises
        ------
        ValueError
            When a profile was resolved against another release. The index stays as it was.
        """
        with self._lock:
            state = self._state
            shelf, n_cases, now, vocabulary = state.shelf, state.n_cases, state.now + 1, state.vocabulary
            counted: dict[int, float] | None = {} if not n_cases else None
            most = self._keeper.most if self._keeper is not None else _AT_ONCE
            for last in _batches(changes, min(most, _AT_ONCE)):
                if shelf.n_added >= most:
                    # Whoever starts from these files reads all changes since the revision before, and these again.
                    shelf = self._written(shelf, revision=state.revision, now=now)
                come = [
                    p if p.case_id == case_id else replace(p, case_id=case_id)
                    for case_id, p in last.items()
                    if p is not None
                ]
                for profile in come:
                    self.scorer.check(profile)
                self._intake.count([p.observed for p in come], counted)
                taken = {case_id: shelf.take_out(case_id, at=now) for case_id in last}
                self._intake.lose(shelf, [row for case_id, row in taken.items() if last[case_id] is None])
                n_cases += len(come) - sum(row is not None for row in taken.values())
                if come:
                    self._intake.put(shelf, come, engine=self.engine)
                    vocabulary = vocabulary.more((t for p in come for t in p.observed), self.scorer.corpus.graph)
            self._intake.keep(counted)
            if self._keeper is None and len(shelf) - n_cases > max(_LEAST_DEAD, n_cases // 4):
                shelf = self._intake.without_dead(shelf, engine=self.engine)
            self._state = Moment(
                revision=max(revision, state.revision),
                now=now,
                n_cases=n_cases,
                shelf=shelf,
                rows=shelf.rows(),
                vocabulary=vocabulary,
            )

    def tidy(self) -> None:
        """Have files written when that is due, beside all else; costs nothing when it is not."""
        keeper, writer = self._keeper, self._writer
        if keeper is None or (writer is not None and writer.is_alive()) or not keeper.is_due(self._state.shelf):
            return
        self._writer = threading.Thread(target=self._write, name="writes segments")
        self._writer.start()

    def settle(self) -> None:
        """Wait until what `tidy` began is done."""
        if self._writer is not None:
            self._writer.join()

    def _write(self) -> None:
        keeper = self._keeper
        if keeper is None or not self._writing.acquire(blocking=False):
            return
        try:
            state = self._state
            written = keeper.write(state.shelf, state.rows, epoch=self.epoch, revision=state.revision, now=state.now)
            if written is not None:
                with self._lock:
                    shelf = self._intake.carried_over(self._state.shelf, written, now=state.now, engine=self.engine)
                    self._state = replace(self._state, shelf=shelf, rows=shelf.rows())
        finally:
            self._writing.release()

    def _written(self, shelf: Shelf, *, revision: int, now: int) -> Shelf:
        """Write now, while changes come in that memory would not hold."""
        keeper = self._keeper
        if keeper is None or keeper.is_overtaken or not self._writing.acquire(blocking=False):
            return shelf
        try:
            written = keeper.write(shelf, shelf.rows(), epoch=self.epoch, revision=revision, now=now)
            return shelf if written is None else self._intake.carried_over(shelf, written, now=now, engine=self.engine)
        finally:
            self._writing.release()

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
        self, query: Profile | Prepared, *, k: int, where: Filter = EVERYTHING, k_sharing: int | None = None
    ) -> Apart:
        """Find the best cases that share a gene or variant, and the k best of those that share none, in one pass.

        Each as `search` finds it with `sharing_gene` True (without limit when `k_sharing` is None), and False.
        """
        prepared = query if isinstance(query, Prepared) else self.scorer.prepare(query)
        state = self._state
        found = find(self._using, state, prepared, Asked(k=k, where=where, apart=True, k_sharing=k_sharing))
        sharing, alone = found.at(np.flatnonzero(found.shares)), found.at(np.flatnonzero(~found.shares))
        return Apart(
            sharing=hits_of(Answer.of(sharing, state.shelf.names, k_sharing), prepared),
            alone=hits_of(Answer.of(alone, state.shelf.names, k), prepared),
            n_sharing=found.n_sharing,
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
        living = state.shelf.living()
        columns = [getattr(state.rows, name)[living].tolist() for name in PER_CASE]
        for row, *numbers in zip(living.tolist(), *columns, strict=True):
            spelled = state.shelf.spelled(row) + repr(numbers).encode()
            total ^= int.from_bytes(hashlib.sha256(spelled).digest(), "big")
        return f"{total:064x}"


def _batches(changes: Iterable[Change], at_once: int) -> Iterator[dict[CaseId, Profile | None]]:
    """Some changes at a time, of each case the last among them."""
    waiting = iter(changes)
    while batch := list(islice(waiting, at_once)):
        yield {c.case_id: c.profile for c in sorted(batch, key=lambda c: c.revision)}
