"""One run: build, search, scan, read, change; times are of the processor unless they say otherwise."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import CaseId
from ontology.releases import Release
from scoring.index import Change, Filter, Hit, Index
from scoring.index.candidates import Bounded, Scanned, fastest
from scoring.index.engine import EVERYTHING
from scoring.index.folder import SegmentFolder
from scoring.index.keeping import Keeper
from scoring.index.rows import Where
from scoring.profile import Profile
from scoring.scorer import Scorer
from scoring.speed.asking import NARROW, drawn_queries, hard, picked
from scoring.speed.checking import in_full_precision
from scoring.speed.drawn import Drawing
from scoring.speed.goals import compared
from scoring.speed.starting import memory_of, starts_of

K = 10
N_CHECKED = 20  # queries whose answers are compared with a scan in full precision of every case
N_SCANNED = 30  # queries that are also answered by scoring every case
N_CHANGES = 200
_AT_ONCE = 20_000
Report = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """An index while it is filled, and what that took: seconds of the processor, bytes of memory."""

    index: Index
    folder: Path
    seconds: float = 0.0
    seconds_of_backgrounds: float = 0.0
    resident: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is measured.

    Attributes
    ----------
    stages : numbers of cases at which to measure on the way
    starts : also start fresh processes, once without compiled code: half a minute
    folder : where the index stays; what is there already is measured, and not built again
    """

    n_cases: int = 1_000_000
    n_queries: int = 200
    stages: tuple[int, ...] = ()
    starts: bool = True
    folder: Path | None = None


def measure(
    release: Release,
    extent: Extent,
    *,
    cases: Sequence[Profile] | None = None,
    advance: Callable[[int], None] = lambda n: None,
) -> Report:
    """Measure the search among drawn cases, or among those that are given.

    Returns
    -------
    dict
        What `matchmaker benchmark engine` prints.

    Raises
    ------
    ValueError
        When the folder holds an index of another number of cases.
    """
    scorer = Scorer(release)
    queries = drawn_queries(release, extent.n_queries) if cases is None else picked(cases, extent.n_queries)
    come = Drawing(release, seed=1).cases(extent.n_cases) if cases is None else iter(cases)
    n_cases = extent.n_cases if cases is None else len(cases)
    with tempfile.TemporaryDirectory() as temporary:
        folder = extent.folder or Path(temporary) / "index"
        index = Index(scorer, engine=fastest(), keeper=_keeper(folder, scorer, least=1, seconds=0.0))
        index.is_sound()  # nothing runs beside what is measured
        building = Building(index=index, folder=folder)
        growth: list[Report] = []
        n_kept = len(index)
        if n_kept not in {0, n_cases}:
            raise ValueError(f"{folder} holds an index of {n_kept} cases")
        for stage in sorted({*(n for n in extent.stages if n_kept <= n < n_cases), n_cases}):
            building = _filled(building, come, stage - len(building.index), advance)
            growth.append(_stage(building, queries))
        report = {
            **growth[-1],
            "scoring": scorer.version,
            "queries": len(queries),
            "k": K,
            "exact": _exact(index, queries),
            "worst_search_to_scan": _hardest(index, queries, release),
            **_changes(index, scorer, release),
        }
        if extent.starts:
            report["start_ms"] = starts_of(folder)
            report["memory_bytes_per_case"] = round(memory_of(folder) / n_cases, 1)
        report["goals"] = compared(report)
        return {**report, "growth": growth} if extent.stages else report


def _filled(building: Building, cases: Iterator[Profile], n: int, advance: Callable[[int], None]) -> Building:
    """Let cases come in as they do at a node that starts anew: many at once, then one last writing."""
    index, scorer = building.index, building.index.scorer
    seconds, counting, resident = building.seconds, building.seconds_of_backgrounds, _resident()
    for batch in _batches(islice(cases, n)):
        began = time.process_time()
        scorer.backgrounds.count([case.observed for case in batch])
        counting += time.process_time() - began
        began = time.process_time()
        _apply(index, batch)
        index.tidy()
        index.settle()
        seconds += time.process_time() - began
        advance(len(index))
    resident = building.resident + _resident() - resident
    return replace(building, seconds=seconds, seconds_of_backgrounds=counting, resident=resident)


def _stage(building: Building, queries: Sequence[Profile]) -> Report:
    """What the search costs by now."""
    index = building.index
    alone = [replace(query, genes=(), alleles=()) for query in queries]
    for query in queries[:5]:
        index.search(query, k=K)
    first = [_seconds(_search, index, query) for query in queries]
    searches = [_quickest(index, query) for query in alone]
    with_genes = [_quickest(index, query) for query in queries]
    roughly = index.on(replace(index.engine, candidates=Scanned))
    scans = [_quickest(roughly, query) for query in alone[:N_SCANNED]]
    one_pass = min(_seconds(_read, index) for _ in range(5))
    shares = [_share_scored(index, query) for query in alone]
    parts = index.moment.rows.parts
    return {
        "cases": len(index),
        "terms_per_case": round(sum(int(part.offsets("terms")[-1]) for part in parts) / len(index), 2),
        "search_ms": _spread(searches),
        "search_with_genes_ms": _spread(with_genes),
        "first_search_with_genes_ms": _spread(first),  # of cases and genes that no search met before
        "scan_ms": _spread(scans),
        "pass_ms": round(one_pass * 1e3, 3),
        "share_scored": {name: value / 1e3 for name, value in _spread(shares, digits=8).items()},
        "ratios": {
            "median_search_to_pass": round(float(np.median(searches)) / one_pass, 2),
            "p95_search_to_pass": round(float(np.percentile(searches, 95)) / one_pass, 2),
            "median_with_genes_to_pass": round(float(np.median(with_genes)) / one_pass, 2),
            "p95_with_genes_to_pass": round(float(np.percentile(with_genes, 95)) / one_pass, 2),
            "median_search_to_scan": round(float(np.median(searches) / np.median(scans)), 3),
        },
        "build_s": round(building.seconds, 3),
        "backgrounds_s": round(building.seconds_of_backgrounds, 3),
        "index_bytes_per_case": round(sum(column.nbytes for column in _columns(index)) / len(index), 1),
        "process_bytes_per_case": round(building.resident / len(index)),
        "files": _files(index, building.folder, queries[0]),
    }


def _exact(index: Index, queries: Sequence[Profile]) -> str:
    """How many answers are those of a scan of every case in full precision."""
    scanned = index.on(in_full_precision(index.engine))
    some = queries[:N_CHECKED]
    same = sum(_told(index.search(q, k=K)) == _told(scanned.search(q, k=K)) for q in some)
    return f"{same} of {len(some)}"


def _hardest(index: Index, queries: Sequence[Profile], release: Release) -> float:
    """The largest share of its own scan that a search takes, also of queries of which bounds know little."""
    roughly = index.on(replace(index.engine, candidates=Scanned))
    asked = [(replace(query, genes=(), alleles=()), EVERYTHING) for query in [*queries[:N_SCANNED], *hard(release)]]
    asked += [(asked[0][0], where) for where in NARROW]
    return round(max(_quickest(index, *one) / _quickest(roughly, *one) for one in asked), 3)


def _quickest(index: Index, query: Profile, where: Filter = EVERYTHING) -> float:
    return min(_seconds(_search, index, query, where) for _ in range(3))


def _apply(index: Index, cases: Iterable[Profile]) -> None:
    revision = index.revision + 1
    index.apply((Change(case_id=c.case_id, revision=revision, profile=c) for c in cases), revision=revision)


def _withdraw(index: Index, case_id: CaseId) -> None:
    revision = index.revision + 1
    index.apply([Change(case_id=case_id, revision=revision, profile=None)], revision=revision)


def _search(index: Index, query: Profile, where: Filter = EVERYTHING) -> list[Hit]:
    return index.search(query, k=K, where=where)


def _share_scored(index: Index, query: Profile) -> float:
    moment = index.moment
    bounded = Bounded(index.scorer.prepare(query), index.scorer, moment.vocabulary)
    everyone = Where.of(EVERYTHING, secret=b"", now=moment.now)
    bounded.choose(moment.rows, everyone, np.zeros(0, np.int64), k=K, floor=0.0)
    return bounded.n_scored / len(moment.rows)


def _read(index: Index) -> int:
    """One pass over all bytes of the columns."""
    total = 0
    for column in _columns(index):
        flat = column.view(np.uint8)
        total += int(flat[: len(flat) // 8 * 8].view(np.uint64).sum())
    return total


def _columns(index: Index) -> list[NDArray[Any]]:
    """What a search reads of all cases."""
    return [column for part in index.moment.rows.parts for column in part.used_columns()]


def _batches(cases: Iterable[Profile]) -> Iterable[list[Profile]]:
    cases = iter(cases)
    while batch := list(islice(cases, _AT_ONCE)):
        yield batch


def _told(hits: list[Hit]) -> list[tuple[str, float]]:
    return [(hit.case_id, hit.raw) for hit in hits]


def _files(index: Index, folder: Path, query: Profile) -> Report:
    """Opening what is in the files, and checking it, on the clock, since the disk counts; the quickest of some."""
    clocks, told = [], _told(index.search(query, k=K))
    same = True
    for _ in range(15):
        clock = [time.perf_counter()]
        opened = Index(index.scorer, engine=index.engine, keeper=_keeper(folder, index.scorer))
        clock.append(time.perf_counter())
        sound = opened.is_sound()
        clock.append(time.perf_counter())
        clocks.append(np.diff(clock))
        same = same and sound and _told(opened.search(query, k=K)) == told
        del opened  # letting go of it is not part of opening the next
    opening, checking = np.min(clocks, axis=0)
    return {
        "segments": [len(segment) for segment in index.moment.shelf.stored],
        "in_memory": index.moment.shelf.n_added,
        "bytes_per_case": round(sum(path.stat().st_size for path in folder.iterdir()) / len(index), 1),
        "open_ms": round(float(opening) * 1e3, 3),
        "check_ms": round(float(checking) * 1e3, 3),
        "same_answer": same,
    }


def _keeper(folder: Path, scorer: Scorer, **stated: Any) -> Keeper:
    return Keeper(SegmentFolder(folder, scoring="measured", release=scorer.corpus.release), **stated)


def _changes(index: Index, scorer: Scorer, release: Release) -> Report:
    """What one case costs that comes, or goes: its background, which is counted before anybody waits, apart."""
    new = list(Drawing(release, seed=3).cases(N_CHANGES, prefix="n"))
    backgrounds = [_seconds(scorer.backgrounds.of, case.observed) for case in new]
    _apply(index, [])
    inserts = [_seconds(_apply, index, [case]) for case in new]
    withdrawals = [_seconds(_withdraw, index, case.case_id) for case in new]
    return {
        "insert_us": round(float(np.median(inserts)) * 1e6, 1),
        "withdraw_us": round(float(np.median(withdrawals)) * 1e6, 1),
        "background_us": round(float(np.median(backgrounds)) * 1e6, 1),
    }


def _seconds(work: Callable[..., Any], *arguments: Any) -> float:
    started = time.thread_time()
    work(*arguments)
    return time.thread_time() - started


def _spread(seconds: Sequence[float], *, digits: int = 3) -> dict[str, float]:
    named = {"median": 50, "p95": 95, "p99": 99, "worst": 100}
    return {name: round(float(np.percentile(seconds, share)) * 1e3, digits) for name, share in named.items()}


def _resident() -> int:
    """Memory of this process that is no file's."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        _size, resident, shared = map(int, file.read().split()[:3])
    return (resident - shared) * resource.getpagesize()
