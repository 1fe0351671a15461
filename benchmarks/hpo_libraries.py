"""Compare cases as hpo3 and pyhpo do, side by side with our kernels: Resnik, best-match average.

    python -m benchmarks hpo_libraries [--cases 10000] [--queries 20]

Prints one JSON object. Each library is set up from PyPI in an environment of its own (once, in the user's cache
folder; both install a package named pyhpo), and compares each query with all cases, which are drawn from disease
annotations. Our kernels do the same with the library's own ancestors and information contents, and must come to the
same scores. What is compared is time on the processor, of all cores; reading and preparing the cases is nobody's.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._environment import RegistryUnreachableError, environment
from benchmarks._resnik import Resnik
from ontology.releases import shipped
from scoring.speed.drawn import Drawing

LIBRARIES = {"hpo3": "hpo3==1.5.1", "pyhpo": "pyhpo==4.0.0"}
SLOW = {"pyhpo": 1}  # queries at most
TOLERANCE = 1e-4  # hpo3 counts in float32
REPEATS = 5
Report = dict[str, Any]


def compare(name: str, cases: Sequence[list[str]], queries: Sequence[list[str]]) -> Report:
    """Let a library and our kernels score the same.

    Raises
    ------
    RegistryUnreachableError
        When the library is not installed yet, and cannot be.
    """
    command = [str(environment(name, LIBRARIES[name])), str(Path(__file__).with_name("_set_similarity.py"))]
    asked = json.dumps({"cases": cases, "queries": queries})
    theirs = json.loads(subprocess.run(command, input=asked, check=True, capture_output=True, text=True).stdout)
    resnik = Resnik.of(theirs["terms"], theirs["known"], cases)
    seconds, off = [], []
    for query, expected in zip(queries, theirs["scores"], strict=True):
        found, spent = _scored(resnik, query)
        seconds.append(spent)
        off.append(float(np.abs(found - np.asarray(expected)[resnik.order]).max()))
    ours, its = float(np.median(seconds)), float(np.median(theirs["seconds"]))
    return {
        "version": theirs["version"],
        "queries": len(queries),
        "cpu_ms": round(its * 1e3, 2),
        "our_cpu_ms": round(ours * 1e3, 3),
        "ratio": round(its / ours),
        "largest_difference": round(max(off), 7),
        "scores_agree": max(off) < TOLERANCE,
    }


def _scored(resnik: Resnik, query: list[str]) -> tuple[NDArray[np.float32], float]:
    """The scores of all cases, and the ten best, as a search has to find them; the quickest of some runs."""
    quickest = float("inf")
    for _ in range(REPEATS):
        began = time.process_time()
        _best, found = resnik.search(query, 10)
        quickest = min(quickest, time.process_time() - began)
    return found, quickest


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=10_000)
    options.add_argument("--queries", type=int, default=20)
    given = options.parse_args(arguments)
    release = shipped()
    ids = release.hpo.term_ids
    cases = [[ids[term] for term in case.observed] for case in Drawing(release, seed=1).cases(given.cases)]
    queries = [[ids[term] for term in case.observed] for case in Drawing(release, seed=2).cases(given.queries)]
    report: Report = {"cases": len(cases), "similarity": "Resnik, best-match average"}
    try:
        for name in LIBRARIES:
            report[name] = compare(name, cases, queries[: SLOW.get(name, len(queries))])
    except RegistryUnreachableError as error:
        sys.exit(str(error))
    print(json.dumps(report))
    if not all(report[name]["scores_agree"] for name in LIBRARIES):
        sys.exit("the scores differ")


if __name__ == "__main__":
    main()
