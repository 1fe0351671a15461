"""The releases of reference data that a node holds: the one that came with it, and compiled ones in its home."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from matchmaker.errors import ReleaseError
from matchmaker.settings import Settings
from ontology import releases
from ontology.download import download as fetch
from ontology.releases import Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A release that is here; one that cannot be read has its fault in the place of the rest."""

    id: str
    release: Release | None
    active: bool = False
    error: str | None = None


def held(settings: Settings) -> list[Held]:
    """List what is here, the newest first; the shipped release is the active one."""
    shipped = releases.shipped()
    found = [Held(id=shipped.id, release=shipped, active=True)]
    found += [_read(path) for path in _folder(settings).glob("*.npz")]
    return sorted(found, key=lambda one: (one.id, one.active), reverse=True)


def import_files(settings: Settings, sources: Path) -> Release:
    """Compile the files of a folder and keep the result in the home; the same release again replaces it.

    Raises
    ------
    ReleaseError
        When a file is missing or damaged, or the home cannot be written. What was held before stays.
    """
    if not sources.is_dir():
        raise ReleaseError(f"{sources} is no folder: give the one that holds hp.obo and phenotype.hpoa")
    with _workplace(settings) as place:
        compiled = place / "compiled.npz"
        releases.compile_release(sources, compiled)
        release = releases.load(compiled)
        try:
            compiled.replace(_folder(settings) / f"{release.id}.npz")
        except OSError as error:
            raise ReleaseError(f"release {release.id} cannot be kept: {error.strerror}; make room") from error
    return release


def download(
    settings: Settings, *, date: str | None = None, progress: Callable[[str, int], None] | None = None
) -> Release:
    """Fetch the newest release, or that of a date, compile it and keep it in the home; as `import_files` otherwise."""
    with _workplace(settings) as place:
        fetch(place, date=date, progress=progress)
        return import_files(settings, place)


def _folder(settings: Settings) -> Path:
    return settings.home / "releases"


@contextlib.contextmanager
def _workplace(settings: Settings) -> Iterator[Path]:
    """A folder beside the kept releases, so that moving a file there is one step; gone at the end."""
    folder = _folder(settings)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=".compiling-", dir=folder))
    except OSError as error:
        raise ReleaseError(f"{folder} cannot be written: {error.strerror}; make it writable") from error
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _read(path: Path) -> Held:
    try:
        return Held(id=path.stem, release=releases.load(path))
    except ReleaseError as error:
        return Held(id=path.stem, release=None, error=str(error))
