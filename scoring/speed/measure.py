"""One run: build, search, scan, read, change; times are of the processor unless they say otherwise."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import CaseId
from ontology.releases import Release
from scoring.index import Change, Hit, Index
from scoring.index.candidates import Bounded, Everything, Scanned, fastest
from scoring.index.engine import EVERYTHING
from scoring.index.file import IndexFile
from scoring.index.rows import Where
from scoring.profile import Profile
from scoring.scorer import Scorer
from scoring.speed.drawn import Drawing

K = 10
N_CHECKED = 20  # queries whose answers are compared with a scan in full precision of every case
N_CHANGES = 200
_AT_ONCE = 20_000
_START = "from scoring.index.candidates import fastest; assert fastest().scan.__module__.endswith('kernels')"
Report = dict[str, Any]


def measure(
    release: Release,
    *,
    n_cases: int,
    n_queries: int,
    cases: Sequence[Profile] | None = None,
    starts: bool = True,
    advance: Callable[[int], None] = lambda n: None,
) -> Report:
    """Measure the search among drawn cases, or among those that are given.

    Parameters
    ----------
    starts : bool
        Also start fresh processes, once without compiled code: half a minute.

    Returns
    -------
    dict
        What `matchmaker benchmark engine` prints.
    """
    scorer = Scorer(release)
    engine = fastest()
    index = Index(scorer, engine=engine)
    drawing = Drawing(release, seed=1)
    building, counting, resident = 0.0, 0.0, _resident()
    for batch in _batches(drawing.cases(n_cases) if cases is None else iter(cases)):
        counting += _seconds(scorer.backgrounds.count, [case.observed for case in batch])
        building += _seconds(_apply, index, batch)
        advance(len(index))
    resident = _resident() - resident
    queries = _queries(release, n_queries) if cases is None else _picked(cases, n_queries)
    alone = [replace(query, genes=(), alleles=()) for query in queries]
    for query in queries[:5]:
        index.search(query, k=K)
    searches = [_seconds(_search, index, query) for query in alone]
    with_genes = [_seconds(_search, index, query) for query in queries]
    roughly = index.on(replace(engine, candidates=Scanned))
    hard = [*alone, *_hard(release)]
    scans = [_seconds(_search, roughly, query) for query in hard]
    hardest = [_seconds(_search, index, query) for query in hard]
    one_pass = min(_seconds(_read, index) for _ in range(5))
    shares = [_share_scored(index, query) for query in alone]
    scanned = index.on(replace(engine, candidates=Everything))
    exact = sum(_told(index.search(q, k=K)) == _told(scanned.search(q, k=K)) for q in queries[:N_CHECKED])
    return {
        "cases": len(index),
        "terms_per_case": round(int(index.moment.rows.offsets("terms")[-1]) / len(index), 2),
        "scoring": scorer.version,
        "queries": len(queries),
        "k": K,
        "exact": f"{exact} of {min(N_CHECKED, len(queries))}",
        "search_ms": _spread(searches),
        "search_with_genes_ms": _spread(with_genes),
        "scan_ms": _spread(scans),
        "pass_ms": round(one_pass * 1e3, 3),
        "share_scored": {
            "median": float(np.median(shares)),
            "p95": float(np.percentile(shares, 95)),
            "worst": max(shares),
        },
        "ratios": {
            "median_search_to_pass": round(float(np.median(searches)) / one_pass, 2),
            "p95_search_to_pass": round(float(np.percentile(searches, 95)) / one_pass, 2),
            "median_search_to_scan": round(float(np.median(searches) / np.median(scans)), 3),
            "worst_search_to_scan": round(max(a / b for a, b in zip(hardest, scans, strict=True)), 3),
        },
        "build_s": round(building, 3),
        "backgrounds_s": round(counting, 3),
        "index_bytes_per_case": round(sum(map(_n_bytes, index.moment.rows.used_columns())) / len(index), 1),
        "process_bytes_per_case": round(resident / len(index)),
        "file": _file(index, queries[0]),
        **_changes(index, scorer, release),
        **({"start_ms": _starts()} if starts else {}),
    }


def _apply(index: Index, cases: Iterable[Profile]) -> None:
    revision = index.revision + 1
    index.apply((Change(case_id=c.case_id, revision=revision, profile=c) for c in cases), revision=revision)


def _withdraw(index: Index, case_id: CaseId) -> None:
    revision = index.revision + 1
    index.apply([Change(case_id=case_id, revision=revision, profile=None)], revision=revision)


def _search(index: Index, query: Profile) -> list[Hit]:
    return index.search(query, k=K)


def _bounded(index: Index, query: Profile) -> Bounded:
    return Bounded(index.scorer.prepare(query), index.scorer, index.moment.vocabulary)


def _hard(release: Release) -> list[Profile]:
    """Queries of which bounds know little: one term that says hardly anything, and very long lists."""
    graph, ic = release.hpo.graph, release.annotations
    said = np.bincount(ic.term_disease, minlength=graph.n_terms)
    common = np.argsort(-said)[:60].tolist()
    lists = [(common[0],), (common[5],), tuple(common[:3]), tuple(common[:25]), tuple(common)]
    return [
        Profile(case_id=CaseId(f"hard{n}"), release=release.id, observed=tuple(sorted(terms)))
        for n, terms in enumerate(lists)
    ]


def _share_scored(index: Index, query: Profile) -> float:
    moment, bounded = index.moment, _bounded(index, query)
    everyone = Where.of(EVERYTHING, secret=b"", now=moment.now)
    bounded.choose(moment.rows, everyone, np.zeros(0, np.int64), k=K, floor=0.0)
    return bounded.n_scored / len(moment.rows)


def _read(index: Index) -> int:
    """One pass over all bytes of the columns."""
    total = 0
    for column in index.moment.rows.used_columns():
        flat = column.view(np.uint8)
        total += int(flat[: len(flat) // 8 * 8].view(np.uint64).sum())
    return total


def _n_bytes(column: NDArray[Any]) -> int:
    return column.nbytes


def _batches(cases: Iterable[Profile]) -> Iterable[list[Profile]]:
    cases = iter(cases)
    while batch := list(islice(cases, _AT_ONCE)):
        yield batch


def _queries(release: Release, n: int) -> list[Profile]:
    return list(Drawing(release, seed=2).cases(n, prefix="q"))


def _picked(cases: Sequence[Profile], n: int) -> list[Profile]:
    stated = [case for case in cases if case.observed]
    step = max(1, len(stated) // n)
    return [replace(case, case_id=CaseId(f"q{case.case_id}")) for case in stated[::step][:n]]


def _told(hits: list[Hit]) -> list[tuple[str, float]]:
    return [(hit.case_id, hit.raw) for hit in hits]


def _file(index: Index, query: Profile) -> Report:
    """Writing the index to a file, and starting from it; on the clock, since the disk counts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.index"
        file = IndexFile(path, scoring="measured", release=index.scorer.corpus.release)
        clock = [time.perf_counter()]
        moment = index.moment
        file.write(moment.shelf.arrays(), n=len(index), epoch="", revision=moment.revision)
        clock.append(time.perf_counter())
        opened = Index(index.scorer, engine=index.engine, file=file)
        clock.append(time.perf_counter())
        same = _told(opened.search(query, k=K)) == _told(index.search(query, k=K))
        write, open_ = np.diff(clock)
        return {
            "bytes_per_case": round(path.stat().st_size / len(index), 1),
            "write_s": round(float(write), 3),
            "open_ms": round(float(open_) * 1e3, 3),
            "same_answer": same,
        }


def _changes(index: Index, scorer: Scorer, release: Release) -> Report:
    """What one case costs that comes, or goes: its background, which is counted before anybody waits, apart."""
    new = list(Drawing(release, seed=3).cases(N_CHANGES, prefix="n"))
    backgrounds = [_seconds(scorer.backgrounds.of, case.observed) for case in new]
    inserts = [_seconds(_apply, index, [case]) for case in new]
    withdrawals = [_seconds(_withdraw, index, case.case_id) for case in new]
    return {
        "insert_us": round(float(np.median(inserts)) * 1e6, 1),
        "withdraw_us": round(float(np.median(withdrawals)) * 1e6, 1),
        "background_us": round(float(np.median(backgrounds)) * 1e6, 1),
    }


def _starts() -> dict[str, float]:
    """Time on the clock until a fresh process has the compiled search: without compiled code, and with it."""
    with tempfile.TemporaryDirectory() as empty:
        cold = _run({**os.environ, "NUMBA_CACHE_DIR": empty})
        warm = _run({**os.environ, "NUMBA_CACHE_DIR": empty})
    return {"cold": round(cold * 1e3), "warm": round(warm * 1e3)}


def _run(environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-c", _START], env=environment, check=True
    )
    return time.perf_counter() - started


def _seconds(work: Callable[..., Any], *arguments: Any) -> float:
    started = time.thread_time()
    work(*arguments)
    return time.thread_time() - started


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    named = {"median": 50, "p95": 95, "p99": 99, "worst": 100}
    return {name: round(float(np.percentile(seconds, share)) * 1e3, 3) for name, share in named.items()}


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * resource.getpagesize()
