"""Cases on their way into an index: their backgrounds, their columns, and which files they leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from scoring.index.candidates import Engine
from scoring.index.keeping import Keeper, Written
from scoring.index.kept import BackgroundFile
from scoring.index.rows import FOR_EVER
from scoring.index.shelf import Shelf
from scoring.profile import Profile
from scoring.scorer import Scorer


class Intake:
    """What takes cases in for one index."""

    def __init__(self, scorer: Scorer, *, secret: bytes, kept: BackgroundFile | None, keeper: Keeper | None) -> None:
        self._scorer = scorer
        self._secret = secret
        self._kept = kept
        self._keeper = keeper

    def put(self, shelf: Shelf, profiles: Sequence[Profile], *, engine: Engine) -> None:
        """Add cases behind the others."""
        shelf.tail.add(
            profiles,
            self._scorer.backgrounds.divisors([profile.observed for profile in profiles]),
            scorer=self._scorer,
            measure=engine.measure,
            secret=self._secret,
        )

    def lose(self, shelf: Shelf, rows: Iterable[int | None]) -> None:
        """Note which files hold cases that are gone."""
        for row in rows:
            segment = None if row is None else shelf.segment(row)
            if segment is not None and self._keeper is not None:
                self._keeper.lose(segment)

    def carried_over(self, shelf: Shelf, written: Written, *, now: int, engine: Engine) -> Shelf:
        """Put what was written in the place of what it was written from, with all that happened since `now`."""
        new = Shelf(written.snapshot.stored)
        if written.merged is not None:
            segment = new.stored[-1]
            for source, places in zip(written.sources, written.merged.places, strict=True):
                died = source.rows.died
                since = np.flatnonzero((died > now) & (died != FOR_EVER))
                segment.rows.columns["died"][places[since]] = died[since]
                if self._keeper and any(shelf.row(segment.case_id(row)) is None for row in places[since].tolist()):
                    self._keeper.lose(segment)
        tail = shelf.tail
        later = np.arange(written.sources[-1].rows.n, tail.n)
        alive = later[tail.died[later] == FOR_EVER].tolist()
        self.put(new, [tail.profiles[row] for row in alive], engine=engine)
        return new

    def without_dead(self, shelf: Shelf, *, engine: Engine) -> Shelf:
        """The living cases alone."""
        smaller = Shelf()
        self.put(smaller, [shelf.profile(row) for row in shelf.living().tolist()], engine=engine)
        return smaller

    def count(self, lists: Sequence[tuple[int, ...]], counted: dict[int, float] | None) -> None:
        """Count the backgrounds of cases that come in, at once, with what an earlier process kept.

        `counted` gathers those of all cases when all come in anew.
        """
        backgrounds = self._scorer.backgrounds
        if self._kept is None or not lists:
            backgrounds.count(lists)
        elif counted is None:
            self._kept.append(backgrounds.count(lists))
        else:
            if not counted:
                backgrounds.learn(self._kept.read())
            backgrounds.count(lists)
            counted |= backgrounds.known(lists)

    def keep(self, counted: dict[int, float] | None) -> None:
        """Keep the backgrounds of these cases and no others, when they are all."""
        if counted and self._kept is not None:
            self._kept.replace(counted)
