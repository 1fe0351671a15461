"""Ranks many queries against many cases on the machines of a dask cluster; the answers are those of one machine.

Cases are cut into segments and queries into batches; a task ranks one segment for one batch. A score depends on its two
cases and the release alone, so that the best of all are the best of the segments' best.
"""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from matchmaker.model import CaseId
from scoring.batch import Ranking
from scoring.index import Change, Index
from scoring.profile import Profile
from scoring.scorer import Scorer

if TYPE_CHECKING:
    from distributed import Client

Placed = tuple[float, CaseId, float]  # raw score, id, position
_AHEAD = 2  # batches that are asked for before the first is waited for, so that no machine idles
_INDEXES = 32  # that a worker keeps: one segment is asked by batch after batch
_indexes: OrderedDict[str, Index] = OrderedDict()
_indexing = threading.Lock()


def rank(
    queries: Sequence[Profile],
    cases: Iterable[Profile],
    *,
    client: Client,
    top: int,
    gene_links: bool = False,
    sizes: tuple[int, int] = (20_000, 1_000),
) -> Iterator[Ranking]:
    """Rank all cases for each query, as `scoring.batch.rank` does with the release that ships.

    Parameters
    ----------
    gene_links : bool
        Whether it is known what a gene's diseases look like.
    sizes : (int, int)
        Cases of a segment, and queries of a batch.

    Raises
    ------
    ValueError
        When a worker's program comes with another release.
    """
    stored = list({case.case_id: case for case in cases}.values())
    segments = [
        (uuid.uuid4().hex, client.scatter(stored[first : first + sizes[0]]))
        for first in range(0, len(stored), sizes[0])
    ]
    waiting: deque[tuple[Sequence[Profile], list[Any]]] = deque()
    for first in range(0, len(queries), sizes[1]):
        batch = list(queries[first : first + sizes[1]])
        asked = client.scatter(batch)
        stated = {"top": top, "gene_links": gene_links, "pure": False}
        waiting.append((batch, [client.submit(best_of_segment, *segment, asked, **stated) for segment in segments]))
        if len(waiting) > _AHEAD:
            yield from _merged(waiting.popleft(), client, top)
    while waiting:
        yield from _merged(waiting.popleft(), client, top)


def _merged(asked: tuple[Sequence[Profile], list[Any]], client: Client, top: int) -> Iterator[Ranking]:
    batch, tasks = asked
    found: list[list[list[Placed]]] = client.gather(tasks)
    for number, query in enumerate(batch):
        best = sorted((one for segment in found for one in segment[number]), key=lambda one: (-one[0], one[1]))
        yield query.case_id, [(case_id, position) for _raw, case_id, position in best[:top]]


def best_of_segment(
    token: str, cases: Sequence[Profile], queries: Sequence[Profile], *, top: int, gene_links: bool
) -> list[list[Placed]]:
    """Rank one segment for one batch, on a worker."""
    index = _index(token, cases, gene_links=gene_links)
    return [[(hit.raw, hit.case_id, hit.position) for hit in index.search(query, k=top)] for query in queries]


def _index(token: str, cases: Sequence[Profile], *, gene_links: bool) -> Index:
    """The index of a segment, made when it is first asked for: a worker has several threads."""
    with _indexing:
        if token not in _indexes:
            index = Index(_scorer(gene_links=gene_links))
            index.apply((Change(case_id=case.case_id, revision=1, profile=case) for case in cases), revision=1)
            _indexes[token] = index
            if len(_indexes) > _INDEXES:
                _indexes.popitem(last=False)
        _indexes.move_to_end(token)
        return _indexes[token]


@cache
def _scorer(*, gene_links: bool) -> Scorer:
    from ontology.releases import shipped
    from scoring.corpus import Corpus

    return Scorer(Corpus.of(shipped(), gene_phenotypes=gene_links))
