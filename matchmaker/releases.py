"""The releases of reference data that a node holds: the one that came with it, and compiled ones in its home."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from matchmaker.errors import ReleaseError
from matchmaker.settings import Settings
from matchmaker.texts import gettext as _
from ontology import releases
from ontology.download import Addresses
from ontology.download import download as fetch
from ontology.releases import Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A release that is here; one that cannot be read has its fault in the place of the rest."""

    id: str
    release: Release | None
    shipped: bool = False
    error: str | None = None


def held(settings: Settings) -> list[Held]:
    """List what is here, the newest first; of one date the shipped release comes first.

    The very files that shipped, imported once more, are no other release.
    """
    kept = (_read(path) for path in _folder(settings).glob("*.npz"))
    others = [one for one in kept if one.release is None or one.release.checksum != shipped().checksum]
    found = [Held(id=shipped().id, release=shipped(), shipped=True), *others]
    return sorted(found, key=lambda one: (one.id, one.shipped), reverse=True)


def shipped() -> Release:
    """The release that came with the program, loaded once; several nodes of one process share it."""
    with _shipping:  # `cache` alone would let two threads load it at once
        return _load_shipped()


def by_checksum(settings: Settings, checksum: str) -> Release:
    """Load the release whose sources have this checksum; an empty one names the shipped release.

    Raises
    ------
    ReleaseError
        When it is not here, or damaged.
    """
    if checksum in {"", shipped().checksum}:
        return shipped()
    for path in _folder(settings).glob("*.npz"):
        found = _read(path)
        if found.release is not None and found.release.checksum == checksum:
            return found.release
    remedy = _("import it again, or roll back with `matchmaker release rollback`")
    raise ReleaseError(
        _(
            "release %(checksum)s is in use and not in %(settings)s: %(remedy)s",
            checksum=checksum[:12],
            settings=_folder(settings),
            remedy=remedy,
        )
    )


def files(settings: Settings, checksums: Collection[str]) -> list[Path]:
    """Return the compiled files in the home of these releases; of the shipped one there is none."""
    found = ((path, _read(path).release) for path in _folder(settings).glob("*.npz"))
    return [path for path, release in found if release is not None and release.checksum in checksums]


def find(settings: Settings, name: str) -> Release:
    """Load the release of a date, or of a checksum's beginning where several have that date.

    Raises
    ------
    ReleaseError
        When there is none, it is damaged, or several are meant.
    """
    named = [one for one in held(settings) if one.id == name or _begins(one, name)]
    sound = {one.release.checksum: one.release for one in named if one.release is not None}
    if len(sound) == 1:
        return next(iter(sound.values()))
    if sound:
        choice = ", ".join(sorted(checksum[:12] for checksum in sound))
        raise ReleaseError(
            _(
                "%(name)s means %(n)s releases: give the beginning of a checksum, %(choice)s",
                name=name,
                n=len(sound),
                choice=choice,
            )
        )
    if named:
        raise ReleaseError(str(named[0].error))
    raise ReleaseError(
        _("no release %(name)s here: look at `matchmaker release list`, or import or download it", name=name)
    )


def import_files(settings: Settings, sources: Path) -> Release:
    """Compile the files of a folder and keep the result in the home; the same release again replaces it.

    Raises
    ------
    ReleaseError
        When a file is missing or damaged, or the home cannot be written. What was held before stays.
    """
    if not sources.is_dir():
        raise ReleaseError(
            _("%(sources)s is no folder: give the one that holds hp.obo and phenotype.hpoa", sources=sources)
        )
    with _workplace(settings) as place:
        compiled = place / "compiled.npz"
        releases.compile_release(sources, compiled)
        release = releases.load(compiled)
        try:
            # Two compiled from the same HPO and different gene tables are two releases.
            compiled.replace(_folder(settings) / f"{release.id}-{release.checksum[:12]}.npz")
        except OSError as error:
            raise ReleaseError(
                _("release %(id)s cannot be kept: %(strerror)s; make room", id=release.id, strerror=error.strerror)
            ) from error
    return release


def download(
    settings: Settings,
    *,
    date: str | None = None,
    progress: Callable[[str, int], None] | None = None,
    addresses: Addresses | None = None,
) -> Release:
    """Fetch the newest release, or that of a date, compile it and keep it in the home; as `import_files` otherwise."""
    with _workplace(settings) as place:
        fetch(place, date=date, progress=progress, addresses=addresses)
        return import_files(settings, place)


def home_of(settings: Settings) -> Path:
    """Return the folder of the kept releases, made when it is not there."""
    folder = _folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


_LEAST_OF_CHECKSUM = 6
_shipping = threading.Lock()


@cache
def _load_shipped() -> Release:
    return releases.shipped()


def _begins(one: Held, name: str) -> bool:
    long_enough = len(name) >= _LEAST_OF_CHECKSUM
    return long_enough and one.release is not None and one.release.checksum.startswith(name.lower())


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
        raise ReleaseError(
            _("%(folder)s cannot be written: %(strerror)s; make it writable", folder=folder, strerror=error.strerror)
        ) from error
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _read(path: Path) -> Held:
    try:
        release = releases.load(path)
        return Held(id=release.id, release=release)
    except ReleaseError as error:
        return Held(id=path.stem[: len("2025-01-16")], release=None, error=str(error))
