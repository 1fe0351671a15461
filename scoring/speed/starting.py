"""How long a fresh process takes until it has an answer."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_OPENS = """
import resource, sys
from pathlib import Path
from ontology.releases import shipped
from scoring.index import Change, Index
from scoring.index.folder import SegmentFolder
from scoring.index.keeping import Keeper
from scoring.profile import Profile
from scoring.scorer import Scorer

release = shipped()
scorer = Scorer(release)
keeper = Keeper(SegmentFolder(Path(sys.argv[1]), scoring="measured", release=release.id))
query = Profile(case_id="q", release=release.id, observed=tuple(sorted(map(int, release.annotations.term_disease[:9]))))

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
"""
_SEARCHES = """
index = Index(scorer, keeper=keeper)
if not index.is_sound() or not index.search(query, k=10):
    sys.exit("nothing was found")
"""
# Code, and what is known of genes and terms, are in memory before; what the files and the first searches take counts.
_WEIGHS = """
small = Index(scorer)
small.apply([Change(case_id="c", revision=1, profile=query)], revision=1)
small.search(query, k=10)
before = resident()
"""


def starts_of(folder: Path) -> dict[str, float]:
    """Milliseconds on the clock from a process's start to its first answer, without compiled code and with it."""
    with tempfile.TemporaryDirectory() as empty:
        environment = {**os.environ, "NUMBA_CACHE_DIR": empty}
        return {"cold": _milliseconds(folder, environment), "warm": _milliseconds(folder, environment)}


def memory_of(folder: Path) -> int:
    """Bytes of memory, files' pages among them, that a fresh process takes to open an index and to search."""
    return int(_run(_OPENS + _WEIGHS + _SEARCHES + "print(resident() - before)", folder, dict(os.environ)))


def _milliseconds(folder: Path, environment: dict[str, str]) -> float:
    began = time.perf_counter()
    _run(_OPENS + _SEARCHES, folder, environment)
    return round((time.perf_counter() - began) * 1e3)


def _run(code: str, folder: Path, environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", code, str(folder)]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603
