"""What takes long with releases, for pages: bringing one in, by upload or download, and comparing two."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from matchmaker import audit, comparisons, impact, jobs, releases
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import Invalid, Issue, ReleaseError
from matchmaker.impact import Comparison
from matchmaker.jobs import Progress
from matchmaker.service import Matchmaker
from matchmaker.store import jobs as stored
from matchmaker.store.jobs import Job, Kind
from matchmaker.texts import gettext as _
from ontology.download import Addresses
from ontology.gene_links import GENES_TO_PHENOTYPE, PHENOTYPE_TO_GENES

NEEDED = {"obo": "hp.obo", "hpoa": "phenotype.hpoa", "gene_links": GENES_TO_PHENOTYPE}
OPTIONAL = {"gene_table": "hgnc_complete_set.txt"}
MOST_BYTES = 128 << 20  # of one file; the largest that is published has about 40 MB
_CHUNK = 1 << 20
_MB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A comparison that is ready, and the job that made it."""

    job: Job
    before: str
    after: str
    found: Comparison


def upload(mm: Matchmaker, files: Mapping[str, BinaryIO], *, by: User, most_bytes: int = MOST_BYTES) -> Job:
    """Take the files of a release, by the names of `NEEDED` and `OPTIONAL`, then check and compile them.

    Raises
    ------
    Invalid
        When one is missing, empty, or too large.
    Unavailable, ReleaseError
        When another job is under way, or the home cannot be written.
    """
    require(by, Action.ADOPT_RELEASES)
    folder = _folder(mm)
    try:
        _take(files, folder, most_bytes=most_bytes)
        return jobs.begin(mm, Kind.IMPORT, "uploaded files", lambda _: _imported(mm, folder, by=by))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def download(mm: Matchmaker, date: str | None, *, by: User, addresses: Addresses | None = None) -> Job:
    """Fetch the newest release or that of a date, check and compile it."""
    require(by, Action.ADOPT_RELEASES)
    if date is not None:
        _check_date(date)

    def fetch(progress: Progress) -> None:
        seen: dict[str, int] = {}

        def received(name: str, n_bytes: int) -> None:
            seen[name] = n_bytes
            progress.reached(sum(seen.values()))

        release = releases.download(mm.settings, date=date, progress=received, addresses=addresses)
        _note(mm, release.id, by=by)

    return jobs.begin(mm, Kind.DOWNLOAD, date or "newest", fetch)


def compare(mm: Matchmaker, before: str, after: str, *, by: User) -> Job:
    """Compare two releases, named by their checksums, and match every case under both.

    Raises
    ------
    ReleaseError
        When one of them is not here or damaged.
    """
    require(by, Action.ADOPT_RELEASES)
    then, now = releases.find(mm.settings, before), releases.find(mm.settings, after)

    def count(progress: Progress) -> bytes:
        found = impact.compare(mm, then.checksum, now.checksum, by=by, progress=progress.reached)
        return comparisons.write(found)

    return jobs.begin(mm, Kind.COMPARE, f"{then.checksum} {now.checksum}", count)


def look(mm: Matchmaker, job_id: str, *, by: User) -> Job:
    """Return how far a job is."""
    require(by, Action.ADOPT_RELEASES)
    with mm.reading() as db:
        return stored.get(db, job_id)


def latest(mm: Matchmaker, *, by: User, limit: int = 10) -> list[Job]:
    """Return the last jobs, the newest first."""
    require(by, Action.ADOPT_RELEASES)
    with mm.reading() as db:
        return stored.latest(db, limit=limit)


def compared(mm: Matchmaker, job_id: str, *, by: User) -> Compared:
    """Return what a comparison found; NotFound while it runs, and when a case was erased since."""
    require(by, Action.ADOPT_RELEASES)
    with mm.reading() as db:
        job, outcome = stored.get(db, job_id), stored.outcome(db, job_id)
    before, after = job.about.split()
    return Compared(job=job, before=before, after=after, found=comparisons.read(outcome))


def _take(files: Mapping[str, BinaryIO], folder: Path, *, most_bytes: int) -> None:
    issues = [
        Issue(
            path=part,
            message=_("%(name)s is missing", name=name),
            remedy=_("choose the file of the same release as the others"),
        )
        for part, name in NEEDED.items()
        if part not in files
    ]
    for part, name in (NEEDED | OPTIONAL).items():
        if part in files:
            n_bytes = _copy(files[part], folder / name, most_bytes=most_bytes)
            if n_bytes == 0:
                issues.append(Issue(path=part, message=_("is empty"), remedy=_("download %(name)s again", name=name)))
            if n_bytes > most_bytes:
                told = _("is larger than %(value)s MB", value=most_bytes // _MB)
                issues.append(Issue(path=part, message=told, remedy=_("check that it is %(name)s", name=name)))
    if issues:
        raise Invalid(issues)
    _by_its_name(folder / GENES_TO_PHENOTYPE)


def _by_its_name(links: Path) -> None:
    """Older packages hold the links the other way round, which only the file's name tells from its first column."""
    with links.open("rb") as file:
        if file.readline(_CHUNK).lstrip(b"#").startswith(b"hpo_id"):
            links.replace(links.with_name(PHENOTYPE_TO_GENES))


def _copy(source: BinaryIO, target: Path, *, most_bytes: int) -> int:
    """Copy no more than allowed and return the bytes, one more than allowed when there are more."""
    n_bytes = 0
    try:
        with target.open("wb") as file:
            while n_bytes <= most_bytes and (chunk := source.read(_CHUNK)):
                n_bytes += len(chunk)
                file.write(chunk)
    except OSError as error:
        raise ReleaseError(
            _("%(name)s cannot be kept: %(strerror)s; make room", name=target.name, strerror=error.strerror)
        ) from error
    return n_bytes


def _imported(mm: Matchmaker, folder: Path, *, by: User) -> None:
    try:
        release = releases.import_files(mm.settings, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _note(mm, release.id, by=by)


def _note(mm: Matchmaker, release: str, *, by: User) -> None:
    with mm.transaction() as db:
        audit.record(db, by, "release imported", details={"release": release})


def _folder(mm: Matchmaker) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix=".upload-", dir=releases.home_of(mm.settings)))
    except OSError as error:
        raise ReleaseError(
            _(
                "%(home)s cannot be written: %(strerror)s; make it writable",
                home=mm.settings.home,
                strerror=error.strerror,
            )
        ) from error


def _check_date(date: str) -> None:
    try:
        dt.date.fromisoformat(date)
    except ValueError as error:
        issue = Issue(path="date", message=_("is no date of a release"), remedy=_("write it as 2025-01-16, or nothing"))
        raise Invalid([issue]) from error
