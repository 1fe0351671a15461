"""How long a fresh process takes until it has an answer."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_SEARCHES = """
import sys
from pathlib import Path
from ontology.releases import shipped
from scoring.index import Index
from scoring.index.folder import SegmentFolder
from scoring.index.keeping import Keeper
from scoring.profile import Profile
from scoring.scorer import Scorer

release = shipped()
scorer = Scorer(release)
keeper = Keeper(SegmentFolder(Path(sys.argv[1]), scoring="measured", release=release.id))
index = Index(scorer, keeper=keeper)
query = Profile(case_id="q", release=release.id, observed=tuple(sorted(map(int, release.annotations.term_disease[:9]))))
if not index.is_sound() or not index.search(query, k=10):
    sys.exit("nothing was found")
"""


def starts_of(folder: Path) -> dict[str, float]:
    """Milliseconds on the clock from a process's start to its first answer, without compiled code and with it."""
    with tempfile.TemporaryDirectory() as empty:
        environment = {**os.environ, "NUMBA_CACHE_DIR": empty}
        return {"cold": _milliseconds(folder, environment), "warm": _milliseconds(folder, environment)}


def _milliseconds(folder: Path, environment: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-c", _SEARCHES, str(folder)], env=environment, check=True
    )
    return round((time.perf_counter() - began) * 1e3)
