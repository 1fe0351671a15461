"""How well and how fast term search finds every synonym of HPO; prints one JSON object.

python benchmarks/term_search.py [--every N]
"""

from __future__ import annotations

import argparse
import json
import random
import string
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from ontology.releases import Release, shipped
from ontology.search import TermSearch
from ontology.term_ids import term_id_of

_N_CHANGED = 2000  # synonyms that are searched for with a slip, and in reverse
_SHORTEST_SLIP = 5  # letters: a slip in a shorter text is often another word


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Recall at k: the share of queries whose own term is among the first k. Times are milliseconds per query."""

    release: str
    n_queries: int
    recall_at_1: float
    recall_at_5: float
    recall_at_5_misspelt: float  # one letter of the synonym dropped, doubled, changed or swapped with the next
    recall_at_5_reversed: float  # words in reverse order
    p50_ms: float
    p95_ms: float
    max_ms: float
    p95_cpu_ms: float  # of this process alone, where other work shares the machine
    p95_cpu_ms_misspelt: float
    build_ms: float  # of the index, once


def measure(release: Release, *, every: int = 1) -> Figures:
    """Search for each `every`-th synonym of the terms that are not obsolete; the slips have a fixed seed."""
    names = release.hpo.names()
    chosen = np.flatnonzero(names.scopes >= 0)[::every].tolist()
    terms = [term_id_of(int(names.terms[name])) for name in chosen]
    texts = [names.texts[name] for name in chosen]
    search = TermSearch(release.hpo, release.annotations)
    begin = time.perf_counter()
    search.search("warm")
    build_ms = (time.perf_counter() - begin) * 1000
    generator = random.Random(1)
    ranks, times, cpu_times = _ranks(search, texts, terms)
    sample = range(0, len(texts), max(1, len(texts) // _N_CHANGED))
    sampled = [terms[i] for i in sample]
    slips, _, slip_times = _ranks(search, [_misspelt(texts[i], generator) for i in sample], sampled)
    reversed_, _, _ = _ranks(search, [" ".join(reversed(texts[i].split())) for i in sample], sampled)
    return Figures(
        release=release.id,
        n_queries=len(texts),
        recall_at_1=_share_below(ranks, 1),
        recall_at_5=_share_below(ranks, 5),
        recall_at_5_misspelt=_share_below(slips, 5),
        recall_at_5_reversed=_share_below(reversed_, 5),
        p50_ms=float(np.percentile(times, 50)),
        p95_ms=float(np.percentile(times, 95)),
        max_ms=max(times),
        p95_cpu_ms=float(np.percentile(cpu_times, 95)),
        p95_cpu_ms_misspelt=float(np.percentile(slip_times, 95)),
        build_ms=build_ms,
    )


def _ranks(
    search: TermSearch, queries: Sequence[str], terms: Sequence[str]
) -> tuple[list[int], list[float], list[float]]:
    ranks, times, cpu_times = [], [], []
    for query, term in zip(queries, terms, strict=True):
        begin, cpu_begin = time.perf_counter(), time.process_time()
        hits = search.search(query, limit=5)
        times.append((time.perf_counter() - begin) * 1000)
        cpu_times.append((time.process_time() - cpu_begin) * 1000)
        ranks.append(next((rank for rank, hit in enumerate(hits) if hit.term == term), len(hits) + 5))
    return ranks, times, cpu_times


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="search for every n-th synonym only")
    print(json.dumps(asdict(measure(shipped(), every=parser.parse_args().every)), indent=2))


def _share_below(ranks: list[int], k: int) -> float:
    return float(np.mean(np.array(ranks) < k))


def _misspelt(text: str, generator: random.Random) -> str:
    letters = [i for i, letter in enumerate(text[:-1]) if letter.isalpha() and text[i + 1].isalpha()]
    if len(text) < _SHORTEST_SLIP or not letters:
        return text
    i = generator.choice(letters)
    slips = (
        text[:i] + text[i + 1 :],
        text[:i] + text[i] + text[i:],
        text[:i] + generator.choice(string.ascii_lowercase) + text[i + 1 :],
        text[:i] + text[i + 1] + text[i] + text[i + 2 :],
    )
    return generator.choice(slips)


if __name__ == "__main__":
    main()
