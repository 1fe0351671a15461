"""Bring cases in from files: every record is taken, taken with warnings, or rejected with what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from federation.phenopackets import Packet, read_phenopacket
from federation.records import Record, records
from federation.schemas import IMPORT_LIMITS, Read, read_case
from federation.spreadsheets.rows import Find, read_row
from federation.spreadsheets.sheet import Row
from matchmaker import cases
from matchmaker.actors import SYSTEM, User
from matchmaker.errors import Invalid, Issue, Unavailable, Unwritable
from matchmaker.model import Case, Consent, Sharing
from matchmaker.service import Matchmaker
from ontology.releases import Release

__all__ = [
    "Defaults",
    "Record",
    "Remark",
    "Report",
    "import_paths",
    "read_one",
    "read_record",
    "records",
    "with_defaults",
]

Progress = Callable[[int], None]  # how many records have been dealt with


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What applies to records that carry none of their own."""

    owner: str | None = None  # given, it applies to all; otherwise each record's contact owns it
    sharing: Sharing = Sharing.PRIVATE
    basis: str | None = None  # GDPR art. 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something to know of one record: where it is, which field, what is wrong, what to do."""

    record: str
    field: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How an import went; each rejected record has one remark, however much is wrong with it."""

    imported: int
    updated: int
    rejected: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def import_paths(
    mm: Matchmaker,
    paths: Iterable[Path],
    *,
    defaults: Defaults | None = None,
    by: User = SYSTEM,
    progress: Progress | None = None,
) -> Report:
    """Store every record that can be used, in durable batches; good ones are kept also when others are bad.

    Raises
    ------
    Unavailable
        When the node cannot store any more; it says how many records were kept.
    """
    defaults = defaults or Defaults()
    under_way = _Import(mm=mm, by=by)
    n_records = 0
    for n_records, record in enumerate(records(paths), 1):
        under_way.take(record, defaults)
        if len(under_way.waiting) >= cases.BATCH:
            under_way.store()
            if progress:
                progress(n_records)
    under_way.store()
    if progress:
        progress(n_records)
    return under_way.report()


def read_one(mm: Matchmaker, path: Path) -> Case:
    """Read the single case of a file, to match with; nothing is stored.

    Raises
    ------
    Invalid
        When there is none, more than one, or it cannot be used; the path of each issue starts with the record.
    """
    found = list(islice((record for record in records([path]) if record.note is None), 2))
    if len(found) > 1:
        raise Invalid([Issue(path=str(path), message="holds several records", remedy="give a file with one")])
    try:
        return read_record(found[0], release=mm.release).case
    except Invalid as error:
        where = found[0].where
        issues = [replace(issue, path=f"{where} {issue.path}".rstrip()) for issue in error.issues]
        raise Invalid(issues) from error


def read_record(record: Record, *, release: Release, owner: str | None = None, stored: Find | None = None) -> Read:
    """Read a record of any kind, within the limits of an import.

    `stored` finds what is stored of a case: a spreadsheet leaves of it what it has no column for.

    Raises
    ------
    Invalid
        When it cannot be used.
    """
    if record.error is not None:
        raise Invalid([record.error])
    if isinstance(record.content, Packet):
        return read_phenopacket(record.content, release=release, owner=owner)
    if isinstance(record.content, Row):
        return read_row(record.content, release=release, owner=owner, stored=stored)
    return read_case(record.content, release=release, limits=IMPORT_LIMITS, owner=owner)


def with_defaults(case: Case, content: object, defaults: Defaults) -> Case:
    """What applies to a case whose record `content` says nothing of it."""
    if isinstance(content, Row):
        said_sharing = bool(content.cells.get("sharing") or ("sharing" not in content.cells and case.id))
    else:
        said_sharing = isinstance(content, Mapping) and content.get("_sharing") is not None
    if not said_sharing:
        case = replace(case, sharing=defaults.sharing)
    if defaults.basis and case.consent is None:
        case = replace(case, consent=Consent(basis=defaults.basis))
    elif defaults.basis and case.consent is not None and not case.consent.basis.strip():
        case = replace(case, consent=replace(case.consent, basis=defaults.basis))
    return case


@dataclass(slots=True, kw_only=True)
class _Import:
    mm: Matchmaker
    by: User
    waiting: list[Case] = field(default_factory=list)
    seen: dict[tuple[str, str], str] = field(default_factory=dict)
    imported: int = 0
    updated: int = 0
    without_basis: int = 0
    rejected: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)

    def take(self, record: Record, defaults: Defaults) -> None:
        if record.note is not None:
            self.warnings.append(_remark(record.where, record.note))
            return
        try:
            read = read_record(record, release=self.mm.release, owner=defaults.owner, stored=self._stored)
        except Invalid as error:
            self.rejected.append(_rejection(record.where, error.issues))
            return
        self.warnings += [_remark(record.where, issue) for issue in read.warnings]
        case = with_defaults(read.case, record.content, defaults)
        self.without_basis += case.consent is None or not case.consent.basis.strip()
        self._warn_of_repeat(case, record.where)
        self.waiting.append(case)

    def _stored(self, owner: str, local_id: str) -> Case | None:
        return cases.find(self.mm, owner, local_id, by=self.by)

    def store(self) -> None:
        try:
            submitted = cases.submit_many(self.mm, self.waiting, by=self.by) if self.waiting else []
        except Unavailable as error:
            raise self._ended(error) from error
        self.imported += sum(one.created for one in submitted)
        self.updated += sum(not one.created for one in submitted)
        self.waiting = []

    def _ended(self, error: Unavailable) -> Unavailable:
        """The same error, which says how much was kept as well."""
        n_kept = self.imported + self.updated
        kept = f"{n_kept:,} {'record was' if n_kept == 1 else 'records were'} kept"
        again = "then import all of it again: what was kept is updated"
        kind = Unwritable if isinstance(error, Unwritable) else Unavailable
        return kind(error.what, f"{error.why}; {kept}, and none of those after", f"{error.remedy}; {again}")

    def report(self) -> Report:
        if self.without_basis:
            message = f"{self.without_basis} cases have no recorded legal basis and stay private"
            self.warnings.append(
                Remark(record="", field="_consent.basis", message=message, remedy="record one, or give --basis TEXT")
            )
        return Report(
            imported=self.imported,
            updated=self.updated,
            rejected=tuple(self.rejected),
            warnings=tuple(self.warnings),
        )

    def _warn_of_repeat(self, case: Case, where: str) -> None:
        identity = (case.owner, case.local_id)
        if first := self.seen.get(identity):
            message = f"has the owner and id of {first}, and was taken as an update of it"
            self.warnings.append(Remark(record=where, field="id", message=message, remedy="give every case its own id"))
        self.seen[identity] = where


def _rejection(where: str, issues: tuple[Issue, ...]) -> Remark:
    first, *others = issues
    message = "; ".join([first.message, *(f"{issue.path}: {issue.message}" for issue in others)])
    return Remark(record=where, field=first.path, message=message, remedy=first.remedy)


def _remark(where: str, issue: Issue) -> Remark:
    return Remark(record=where, field=issue.path, message=issue.message, remedy=issue.remedy)
