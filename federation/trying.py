"""Show what an import would do before it does it, and then do exactly that."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any

from federation.importing import Defaults, Record, read_record, records, with_defaults
from federation.spreadsheets.sheet import Row
from federation.submitting import unsaid
from matchmaker import cases, dry_runs, matching
from matchmaker.actors import User
from matchmaker.dry_runs import Content, Note, Outcome, Tried
from matchmaker.errors import Invalid, Issue, NotFound
from matchmaker.model import Case, CaseId, Contact, Sharing, Status, StoredCase
from matchmaker.service import Matchmaker
from matchmaker.texts import gettext as _
from matchmaker.uploads import uploads

MOST_RECORDS = 1000
SAME = 0.95  # of the score: so alike are two records of one person
_SECONDS_FOR_TWINS = 20.0  # of looking for them, so that a page does not wait longer
_TELLING = 3  # findings and genes that two records must share to be called alike
_HIDDEN_FIELDS = {"id", "owner"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What storing did."""

    imported: int = 0
    updated: int = 0
    unchanged: int = 0


def try_out(mm: Matchmaker, files: Sequence[tuple[str, IO[bytes]]], *, defaults: Defaults, by: User) -> str:
    """Read files, keep what storing them would do for this account to look at, and return the id of that.

    Nothing of them stays in the file system.

    Raises
    ------
    Invalid
        When there are more records than a page can show.
    """
    trial = _Trial(mm=mm, defaults=defaults, by=by)
    with uploads(mm) as folder:
        names = [_put(folder, number, name, stream) for number, (name, stream) in enumerate(files, start=1)]
        for path in names:
            for record in records([path]):
                where = record.where.replace(f"{path.parent}/", "", 1)
                trial.take(replace(record, where=where))
    content = Content(files=tuple(path.name for path in names), tried=tuple(trial.tried), notes=tuple(trial.notes))
    return dry_runs.keep(mm, content, by=by)


def store(mm: Matchmaker, dry_run_id: str, chosen: Sequence[int], *, by: User) -> Stored | None:
    """Store the chosen records of a dry run as they were shown; None when a case was changed meanwhile.

    Then what would be done now is shown instead, and nothing is stored.

    Raises
    ------
    NotFound
        When another dry run was made since, or this one was stored or forgotten.
    """
    shown = dry_runs.find(mm, by=by)
    if shown is None or shown.id != dry_run_id:
        raise NotFound("dry run", dry_run_id)
    tried = shown.content.tried
    now = tuple(one if one.case is None else replace(one, **_against(mm, one.case, by)) for one in tried)
    moved = [one.version != before.version for one, before in zip(now, tried, strict=True)]
    # What was stored by a try that broke off is the same already, and no reason to ask again.
    if any(moved[number] and now[number].outcome is not Outcome.SAME for number in chosen if number < len(now)):
        dry_runs.keep(mm, replace(shown.content, tried=now), by=by)
        return None
    picked = [tried[number].case for number in sorted({*chosen}) if number < len(tried)]
    wanted = [case for case in picked if case is not None]
    parts = [wanted[start : start + cases.BATCH] for start in range(0, len(wanted), cases.BATCH)]
    submitted = [one for part in parts for one in cases.submit_many(mm, part, by=by)]
    dry_runs.drop(mm, by=by)
    imported = sum(one.created for one in submitted)
    updated = sum(one.changed and not one.created for one in submitted)
    return Stored(imported=imported, updated=updated, unchanged=len(submitted) - imported - updated)


@dataclass(slots=True, kw_only=True)
class _Trial:
    """Records being read, each compared with what is stored and with those before it."""

    mm: Matchmaker
    defaults: Defaults
    by: User
    tried: list[Tried] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    named: dict[tuple[str, str], str] = field(default_factory=dict)
    alike: dict[object, str] = field(default_factory=dict)
    seconds: float = 0.0

    def take(self, record: Record) -> None:
        if record.note is not None:
            self.notes.append(_note(record.note, where=record.where))
            return
        if len(self.tried) == MOST_RECORDS:
            message = _("hold more than %(most)s records", most=f"{MOST_RECORDS:,}")
            remedy = _("split the file, or ask your operator to run matchmaker case import")
            raise Invalid([Issue(path="files", message=message, remedy=remedy)])
        try:
            case, issues = self._read(record)
        except Invalid as error:
            rejected = Tried(where=record.where, outcome=Outcome.REJECTED, notes=tuple(map(_note, error.issues)))
            self.tried.append(rejected)
            return
        against = _against(self.mm, case, self.by)
        issues += self._repeated(case, record.where)
        is_new = against["outcome"] is Outcome.NEW
        twins = self._twins(case, record.where) if is_new else ()
        repeats = self._repeats(case, record.where) if is_new else ()
        tried = Tried(
            where=record.where, case=case, notes=tuple(map(_note, issues)), twins=twins, repeats=repeats, **against
        )
        self.tried.append(tried)

    def _read(self, record: Record) -> tuple[Case, list[Issue]]:
        owner, strange = self._owner(record.content)
        read = read_record(record, release=self.mm.release, owner=owner, stored=self._stored)
        case, issues = read.case, [*strange, *read.warnings]
        before = self._stored(owner, case.local_id)
        if before is not None and not isinstance(record.content, Row):
            said = record.content if isinstance(record.content, Mapping) else {}
            case = replace(case, id=before.id, **unsaid(case, before, said))
        elif before is None:
            case = with_defaults(case, record.content, self.defaults)
            if isinstance(record.content, Row) and not record.content.cells.get("contact"):
                own = Contact(name=self.by.centre or owner, institution=self.by.centre, email=owner)
                case = replace(case, contact=own)
            case = replace(case, id=CaseId(secrets.token_hex(16)))
        return case, [*issues, *_of_basis(case)]

    def _owner(self, content: object) -> tuple[str, list[Issue]]:
        """Whose case a record is: that of a colleague if it says so, else the reader's own."""
        if isinstance(content, Row):
            stated = content.cells.get("owner", "")
        else:
            stated = str(content.get("_owner") or "") if isinstance(content, Mapping) else ""
        if not stated or stated in (self.by.owners or frozenset()):
            return stated or self.by.email, []
        message = _("%(stated)s is nobody of your centre; taken as yours", stated=repr(stated))
        return self.by.email, [Issue(path="owner", message=message, remedy=_("write a colleague's address, or none"))]

    def _stored(self, owner: str, local_id: str) -> Case | None:
        return cases.find(self.mm, owner, local_id, by=self.by)

    def _repeated(self, case: Case, where: str) -> list[Issue]:
        first = self.named.setdefault((case.owner, case.local_id), where)
        if first == where:
            return []
        message = _("has the id of %(first)s, and replaces it", first=first)
        return [Issue(path="id", message=message, remedy=_("give every case its own id, or untick one"))]

    def _twins(self, case: Case, where: str) -> tuple[CaseId, ...]:
        """Stored cases of the centre that seem to be the same person; not looked for without end."""
        if self.seconds > _SECONDS_FOR_TWINS:
            return ()
        began = time.monotonic()
        found = twins(self.mm, case, by=self.by)
        self.seconds += time.monotonic() - began
        if self.seconds > _SECONDS_FOR_TWINS:
            message = _("from here on it was not looked for cases that are stored already, since it took too long")
            self.notes.append(_note(Issue(path="", message=message, remedy=_("import fewer at once")), where=where))
        return tuple(one.case.id for one in found)

    def _repeats(self, case: Case, where: str) -> tuple[str, ...]:
        features = frozenset((one.term, one.excluded) for one in case.features)
        genes = frozenset(one.gene for one in case.genomic_features)
        if len(features) + len(genes) < _TELLING:
            return ()
        first = self.alike.setdefault((features, genes, case.sex), where)
        return () if first == where else (first,)


def twins(mm: Matchmaker, case: Case, *, by: User) -> list[StoredCase]:
    """Cases of the own centre that seem to be the same person."""
    owners = by.owners or frozenset()
    found = matching.match(mm, case, top=3).results
    return [one.stored for one in found if one.score.total >= SAME and one.case.owner in owners]


def _against(mm: Matchmaker, case: Case, by: User) -> dict[str, Any]:
    """What storing a case would do now, as fields of `Tried`."""
    before = cases.find_stored(mm, case.owner, case.local_id, by=by)
    if before is None:
        return {"outcome": Outcome.NEW, "version": 0, "changes": ()}
    kept = Status.WITHDRAWN if before.case.status is Status.WITHDRAWN else case.status
    settled = replace(case, id=before.case.id, status=kept)
    changes = tuple(
        one.name
        for one in fields(Case)
        if one.name not in _HIDDEN_FIELDS and getattr(settled, one.name) != getattr(before.case, one.name)
    )
    outcome = Outcome.CHANGED if changes else Outcome.SAME
    return {"outcome": outcome, "version": before.version, "changes": changes}


def _of_basis(case: Case) -> list[Issue]:
    if case.sharing is Sharing.PRIVATE or case.effective_sharing is not Sharing.PRIVATE:
        return []
    message = _("no legal basis is recorded, so the case stays private and not %(value)s", value=case.sharing.value)
    return [Issue(path="basis", message=message, remedy=_("record one, or choose one for the whole file"))]


def _put(folder: Path, number: int, name: str, stream: IO[bytes]) -> Path:
    """Write a file under its own plain name, in a folder for itself."""
    plain = PureWindowsPath(PurePosixPath(name).name).name.strip(". ")[-100:] or "file"
    inside = folder / str(number)
    inside.mkdir()
    path = inside / "".join(character if character.isprintable() else "_" for character in plain)
    with path.open("wb") as out:
        shutil.copyfileobj(stream, out)
    return path


def _note(issue: Issue, *, where: str = "") -> Note:
    return Note(field=where or issue.path, message=issue.message, remedy=issue.remedy)
