"""Long jobs with releases: one process does them, and pages of any process show how far they are."""

from __future__ import annotations

import datetime as dt
import secrets
import zlib
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from matchmaker.errors import NotFound
from matchmaker.store.release_tables import jobs
from matchmaker.store.tables import AnyRow

QUIET = dt.timedelta(seconds=60)  # without a word: the process has died
_COLUMNS = tuple(column for column in jobs.c if column.name != "outcome")


class Kind(StrEnum):
    IMPORT = "import"
    DOWNLOAD = "download"
    COMPARE = "compare"


class State(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is done, and how far it is: bytes of a download, cases of a comparison."""

    id: str
    kind: Kind
    about: str
    started_at: dt.datetime
    seen_at: dt.datetime
    done_at: dt.datetime | None
    n_done: int
    error: str | None

    def state(self, at: dt.datetime) -> State:
        """Say how it stands at a moment."""
        if self.done_at is not None:
            return State.FAILED if self.error else State.DONE
        return State.RUNNING if at - self.seen_at < QUIET else State.INTERRUPTED


def begin(db: Connection, kind: Kind, about: str, *, at: dt.datetime) -> Job:
    """Write down that a job begins."""
    job_id = secrets.token_hex(16)
    row = {"id": job_id, "kind": kind, "about": about, "started_at": at, "seen_at": at, "n_done": 0}
    db.execute(insert(jobs).values(row))
    return get(db, job_id)


def beat(db: Connection, job_id: str, *, n_done: int, at: dt.datetime) -> None:
    """Note that a job goes on, and how far it is."""
    db.execute(update(jobs).where(jobs.c.id == job_id).values(seen_at=at, n_done=n_done))


def finish(
    db: Connection,
    job_id: str,
    *,
    n_done: int,
    at: dt.datetime,
    outcome: bytes | None = None,
    error: str | None = None,
) -> None:
    """End a job, well or with an error; one that was forgotten meanwhile stays forgotten."""
    packed = None if outcome is None else zlib.compress(outcome)
    ended = {"done_at": at, "seen_at": at, "n_done": n_done, "error": error, "outcome": packed}
    db.execute(update(jobs).where(jobs.c.id == job_id).values(ended))


def get(db: Connection, job_id: str) -> Job:
    """Return a job; NotFound when there is none, or none any more."""
    row = db.execute(select(*_COLUMNS).where(jobs.c.id == job_id)).first()
    if row is None:
        raise NotFound("job", job_id)
    return _job(row)


def outcome(db: Connection, job_id: str) -> bytes:
    """Return what a job found; NotFound when it found nothing, or is not there any more."""
    packed = db.scalar(select(jobs.c.outcome).where(jobs.c.id == job_id))
    if packed is None:
        raise NotFound("outcome of job", job_id)
    return zlib.decompress(packed)


def latest(db: Connection, *, limit: int) -> list[Job]:
    """Return the last jobs, the newest first."""
    query = select(*_COLUMNS).order_by(jobs.c.started_at.desc(), jobs.c.id).limit(limit)
    return [_job(row) for row in db.execute(query)]


def forget_comparisons(db: Connection) -> None:
    """Drop what comparisons found of cases, running ones too."""
    db.execute(delete(jobs).where(jobs.c.kind == Kind.COMPARE))


def forget_before(db: Connection, moment: dt.datetime) -> int:
    """Drop jobs that began before; return how many."""
    return db.execute(delete(jobs).where(jobs.c.started_at < moment)).rowcount


def _job(row: AnyRow) -> Job:
    return Job(
        id=row.id,
        kind=Kind(row.kind),
        about=row.about,
        started_at=row.started_at,
        seen_at=row.seen_at,
        done_at=row.done_at,
        n_done=row.n_done,
        error=row.error,
    )
