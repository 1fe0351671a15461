"""How well and how fast term search finds every synonym of HPO; prints one JSON object.

python -m benchmarks.term_search [--every N]
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from ontology.hpo import Hpo
from ontology.releases import shipped
from ontology.search import TermSearch


def measure(hpo: Hpo, *, every: int = 1) -> dict[str, float | int | str]:
    """Search for each `every`-th synonym of a term that is not obsolete.

    Recall at k is the share whose own term is among the first k; times are in milliseconds, without building the index.
    """
    search = TermSearch(hpo)
    names = hpo.names()
    synonyms = np.flatnonzero(names.scopes >= 0)[::every].tolist()
    begin = time.perf_counter()
    search.search("warm")
    build_ms = (time.perf_counter() - begin) * 1000
    ranks, times = [], []
    for synonym in synonyms:
        term = f"HP:{names.terms[synonym]:07d}"
        begin = time.perf_counter()
        hits = search.search(names.texts[synonym], limit=5)
        times.append((time.perf_counter() - begin) * 1000)
        ranks.append(next((rank for rank, hit in enumerate(hits) if hit.term == term), 5))
    return {
        "release": hpo.release,
        "n_queries": len(synonyms),
        "recall_at_1": float(np.mean(np.array(ranks) < 1)),
        "recall_at_5": float(np.mean(np.array(ranks) < 5)),
        "p50_ms": float(np.percentile(times, 50)),
        "p95_ms": float(np.percentile(times, 95)),
        "max_ms": max(times),
        "build_ms": build_ms,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="search for every n-th synonym only")
    print(json.dumps(measure(shipped().hpo, every=parser.parse_args().every), indent=2))
