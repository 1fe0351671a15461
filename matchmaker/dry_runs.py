"""What an import would store, kept between being shown and being stored: a day, sealed, and never as a file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from matchmaker import uploads
from matchmaker.actors import User
from matchmaker.model import Case, CaseId
from matchmaker.service import Matchmaker
from matchmaker.store import documents, dry_runs

KEPT = dt.timedelta(hours=24)


class Outcome(StrEnum):
    """What storing would do with a record."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something to know of a record or a file: which field, what, and what to do."""

    field: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One record: where it stands, and what storing it would do."""

    where: str
    outcome: Outcome
    case: Case | None = None
    version: int = 0  # of the stored case that it would change; 0: none
    changes: tuple[str, ...] = ()  # the fields of the stored case that it would change
    notes: tuple[Note, ...] = ()
    twins: tuple[CaseId, ...] = ()  # stored cases that seem to be the same person
    repeats: tuple[str, ...] = ()  # records before it that seem to be the same person


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """All that was shown."""

    files: tuple[str, ...] = ()
    tried: tuple[Tried, ...] = ()
    notes: tuple[Note, ...] = ()  # on whole files


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What was shown, when, and under which id it is stored."""

    id: str
    at: dt.datetime
    content: Content


def keep(mm: Matchmaker, content: Content, *, by: User) -> str:
    """Keep what is shown to an account, in place of what was before; return its id."""
    with mm.transaction() as db:
        return dry_runs.keep(db, by.account_id, documents.dumps(content), at=dt.datetime.now(dt.UTC))


def find(mm: Matchmaker, *, by: User) -> DryRun | None:
    """Return what was shown to this account last and is not stored, if it is not too old."""
    with mm.reading() as db:
        found = dry_runs.find(db, by.account_id)
    if found is None or found[1] < dt.datetime.now(dt.UTC) - KEPT:
        return None
    id_, at, text = found
    return DryRun(id=id_, at=at, content=documents.loads(Content, text))


def drop(mm: Matchmaker, *, by: User) -> None:
    """Forget what was shown to this account."""
    with mm.transaction() as db:
        dry_runs.drop(db, by.account_id)


def forget(mm: Matchmaker, *, at: dt.datetime) -> int:
    """Forget what was shown a day ago, and files that a killed process left; return how many dry runs."""
    uploads.sweep(mm)
    with mm.transaction() as db:
        return dry_runs.drop_before(db, at - KEPT)
