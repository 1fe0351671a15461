"""Ranks many queries against many cases at once, on all cores."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from matchmaker.model import CaseId
from scoring.index import Change, Filter, Index
from scoring.profile import Profile
from scoring.scorer import Scorer

Ranking = tuple[CaseId, list[tuple[CaseId, float]]]
_EVERYTHING = Filter()


def rank(
    queries: Sequence[Profile],
    cases: Iterable[Profile],
    *,
    scorer: Scorer,
    top: int,
    where: Filter = _EVERYTHING,
    n_threads: int | None = None,
) -> Iterator[Ranking]:
    """Rank all cases for each query.

    Yields
    ------
    (query id, [(case id, score), ...])
        In the order of the queries; best first, at most `top`. The score is at full precision, in [0, 1] and strictly
        ordered as the raw score is: what a shared gene lifts to 0.3 elsewhere keeps its own place here. Cases with
        nothing in common are left out. Of two cases with one id the last counts.
    """
    index = Index(scorer)
    index.apply((Change(case_id=case.case_id, revision=n, profile=case) for n, case in enumerate(cases)), revision=1)
    with ThreadPoolExecutor(n_threads or os.cpu_count() or 1) as pool:
        rankings = pool.map(lambda query: index.ranking(query, k=top, where=where), queries)
        for query, ranking in zip(queries, rankings, strict=True):
            yield query.case_id, ranking
