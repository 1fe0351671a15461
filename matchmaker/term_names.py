"""What terms are called in other languages, kept beside a release: for people who read and search, never for matching.

A file for each release and language lies in the folder of releases; loading a language again replaces it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from matchmaker import audit, releases
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import ReleaseError
from matchmaker.model import TermId
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.texts import gettext as _
from ontology.releases import Release
from ontology.translations import Translation, read_translations

_SUFFIX = ".labels.json"
_loading = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One language as it is kept beside a release; `n_unknown` terms of the file are not in that release."""

    language: str
    n_labels: int
    n_synonyms: int
    n_unknown: int = 0
    n_left_out: int = 0  # of the whole file: under review


def load(mm: Matchmaker, path: Path, release: Release, *, by: User) -> tuple[Loaded, ...]:
    """Read a babelon table or `hp-international.obo`, and keep each of its languages beside a release.

    Raises
    ------
    ReleaseError
        When the file cannot be used, or the home cannot be written; what was kept before stays.
    """
    require(by, Action.ADOPT_RELEASES)
    read = read_translations(path)
    known = set(release.hpo.current_ids)
    told = []
    for translation in read.languages:
        kept = _within(translation, known)
        if not kept.labels and not kept.synonyms:
            continue
        _write(mm.settings, release, kept)
        n_unknown = len({*translation.labels, *translation.synonyms} - known)
        told.append(_loaded(kept, n_unknown=n_unknown, n_left_out=read.n_left_out))
    if not told:
        raise ReleaseError(_("%(name)s names no term of release %(id)s", name=path.name, id=release.id))
    with mm.transaction() as db:
        for one in told:
            details: dict[str, int | str] = {"release": release.id, "language": one.language, "labels": one.n_labels}
            audit.record(db, by, "release translated", details=details)
    return tuple(told)


def held(settings: Settings, release: Release) -> tuple[Loaded, ...]:
    """Return the languages that are kept beside a release."""
    found = (_read(path, path.stat().st_mtime_ns) for path in sorted(_folder(settings).glob(_name(release, "*"))))
    return tuple(_loaded(translation) for translation in found)


def of(settings: Settings, release: Release, language: str) -> Translation | None:
    """Return what terms are called in a language; None when nobody loaded it."""
    path = _folder(settings) / _name(release, language)
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return None
    with _loading:
        return _read(path, changed)


def files(settings: Settings, checksums: Collection[str]) -> list[Path]:
    """Return the files of these releases, for a backup."""
    return [
        path
        for path in sorted(_folder(settings).glob(f"*{_SUFFIX}"))
        if any(f"-{checksum[:12]}." in path.name for checksum in checksums)
    ]


def _within(translation: Translation, known: Collection[TermId]) -> Translation:
    return Translation(
        language=translation.language,
        labels={term: text for term, text in translation.labels.items() if term in known},
        synonyms={term: texts for term, texts in translation.synonyms.items() if term in known},
    )


def _loaded(translation: Translation, *, n_unknown: int = 0, n_left_out: int = 0) -> Loaded:
    return Loaded(
        language=translation.language,
        n_labels=len(translation.labels),
        n_synonyms=sum(map(len, translation.synonyms.values())),
        n_unknown=n_unknown,
        n_left_out=n_left_out,
    )


def _write(settings: Settings, release: Release, translation: Translation) -> None:
    """Replace a file in one step, so that nobody reads half of it."""
    said = {"language": translation.language, "labels": translation.labels, "synonyms": translation.synonyms}
    target = releases.home_of(settings) / _name(release, translation.language)
    try:
        target.with_suffix(".new").write_text(json.dumps(said, ensure_ascii=False), "utf-8")
        target.with_suffix(".new").replace(target)
    except OSError as error:
        told = _("%(name)s cannot be kept: %(strerror)s; make room", name=target.name, strerror=error.strerror)
        raise ReleaseError(told) from error


@lru_cache(maxsize=16)
def _read(path: Path, _changed: int) -> Translation:
    said = json.loads(path.read_text("utf-8"))
    return Translation(
        language=said["language"],
        labels=said["labels"],
        synonyms={term: tuple(texts) for term, texts in said["synonyms"].items()},
    )


def _name(release: Release, language: str) -> str:
    return f"{release.id}-{release.checksum[:12]}.{language}{_SUFFIX}"


def _folder(settings: Settings) -> Path:
    return settings.home / "releases"
