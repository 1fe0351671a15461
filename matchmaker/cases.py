"""What can be done with a case: submit, edit, withdraw, erase, read."""

from __future__ import annotations

import datetime as dt
import json
import logging
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from matchmaker import audit, case_notices, erasures, standing
from matchmaker.actors import User
from matchmaker.authorise import Action, may, require
from matchmaker.errors import Invalid, Issue, NotFound
from matchmaker.model import Case, CaseId, Status, StoredCase
from matchmaker.service import Matchmaker
from matchmaker.store import cases as stored_cases
from matchmaker.store import engine, faults, idempotency, sent_cases, work
from matchmaker.store.cases import Identity, Known, Wanted
from matchmaker.store.engine import Connection
from matchmaker.texts import gettext as _

log = logging.getLogger(__name__)

_NAMESAKES = 1000  # colleagues of a centre who may use one id
BATCH = 200  # cases per durable transaction: one wait for the disk, and little to repeat after a crash


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What became of a submission; `changed` is False when the same content was stored already."""

    case_id: CaseId
    version: int
    created: bool
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some cases of a list, and after which the next ones come; None: there are no more."""

    cases: tuple[StoredCase, ...]
    next: CaseId | None


def submit(mm: Matchmaker, case: Case, *, by: User, idempotency_key: str | None = None) -> Submitted:
    """Store a case, new or an update of the owner's case with this local id; it is matched afterwards.

    The id is given here, whatever `case.id` says. A withdrawn case stays withdrawn: only `edit` takes it back.
    With an idempotency key, the same request again gets the first one's answer.
    """
    (submitted,) = _submit(mm, [case], by=by, key=idempotency_key)
    return submitted


def submit_many(mm: Matchmaker, cases: Sequence[Case], *, by: User) -> list[Submitted]:
    """Store cases in one durable transaction, all or none, each as `submit` does; bring them by `BATCH`."""
    return _submit(mm, cases, by=by)


def edit(
    mm: Matchmaker, case: Case, *, version: int, by: User, action: Action = Action.EDIT_CASE, told: str = "case edited"
) -> int:
    """Replace the content of the stored case `case.id`, last seen in `version`; return its new version.

    `action` is what the user must be allowed to do, and `told` what the audit log says was done.

    Raises
    ------
    Stale
        When somebody else saved first.
    NotFound
        When there is no such case for this user.
    Forbidden
        When the user would give it to an owner of another centre.
    Invalid
        When its new name is that of another case.
    """
    at = _now()
    with mm.transaction() as db:
        before = _editable(db, case.id, by=by, action=action)
        if case.owner != before.case.owner:
            require(by, Action.SUBMIT_CASE, case)
        if before.version == version and before.case == case:
            return version
        _require_own_name(db, case)
        stored_cases.update_all(db, [(case, version)], at=at)
        standing.follow_up(db, [(case, version + 1)], jurisdiction=mm.settings.jurisdiction, at=at)
        case_notices.changed(db, [(before.case, case)], jurisdiction=mm.settings.jurisdiction, at=at)
        audit.record(db, by, told, case_id=case.id, details={"version": version + 1})
    return version + 1


def withdraw(mm: Matchmaker, case_id: CaseId, *, by: User) -> None:
    """Take a case out of matching, and what was still to be done with it; its recorded matches stay.

    Every node that was asked with it, or told of it, hears of it by itself.
    """
    with mm.transaction() as db:
        before = _editable(db, case_id, by=by, action=Action.WITHDRAW_CASE)
        if before.case.status is Status.WITHDRAWN:
            return
        stored_cases.withdraw(db, case_id, at=_now())
        work.cancel(db, case_id)
        case_notices.withdrawn(db, before.case, at=_now())
        audit.record(db, by, "case withdrawn", case_id=case_id)


def erase(mm: Matchmaker, case_id: CaseId, *, by: User) -> None:
    """Remove a case and everything held about it; what stays is that there was one, and that it was erased.

    Every node that was asked with it, or told of it, hears of it by itself.
    """
    with mm.transaction() as db:
        before = _editable(db, case_id, by=by, action=Action.ERASE_CASE)
        stored_cases.erase(db, case_id, at=_now())
        case_notices.erased(db, before.case, at=_now())
        audit.record(db, by, "case erased", case_id=case_id)
    erasures.note(mm.settings.home, mm.keys, [case_id])
    if not engine.truncate_log(mm.engine):
        log.warning("the write-ahead log still holds erased pages: a reader is using it")


def get(mm: Matchmaker, case_id: CaseId, *, by: User) -> StoredCase:
    """Return a case to somebody who may see all of it; for others there is none."""
    with mm.reading() as db:
        stored = stored_cases.get(db, case_id)
    require(by, Action.SEE_CASE, stored.case)
    return stored


def find_stored(mm: Matchmaker, owner: str, local_id: str, *, by: User) -> StoredCase | None:
    """Return an owner's case with this local id to somebody who may see all of it."""
    with mm.reading() as db:
        stored = stored_cases.find(db, (owner, local_id))
    return stored if stored is not None and may(by, Action.SEE_CASE, stored.case) else None


def find(mm: Matchmaker, owner: str, local_id: str, *, by: User) -> Case | None:
    """Return what is stored in it alone."""
    stored = find_stored(mm, owner, local_id, by=by)
    return None if stored is None else stored.case


def list_(mm: Matchmaker, *, by: User) -> Iterator[StoredCase]:
    """Yield the cases that this user may see, withdrawn ones too, by id."""
    with mm.reading() as db:
        for stored in stored_cases.list_(db, owners=by.owners):
            if may(by, Action.SEE_CASE, stored.case):
                yield stored


def page(mm: Matchmaker, wanted: Wanted, *, after: CaseId | None, limit: int, by: User) -> Page:
    """Return the next cases by id, after one or from the first, of those that this user may see and that are wanted."""
    with mm.reading() as db:
        found = list(stored_cases.page(db, wanted, owners=by.owners, after=after, limit=limit + 1))
    return Page(cases=tuple(found[:limit]), next=found[limit - 1].case.id if len(found) > limit else None)


def named(mm: Matchmaker, local_id: str, *, by: User) -> StoredCase:
    """Return the case that this user, or else one colleague alone, names so.

    Raises
    ------
    NotFound
        When there is none, or several colleagues have one.
    """
    found = page(mm, Wanted(local_id=local_id), after=None, limit=_NAMESAKES, by=by).cases
    own = [stored for stored in found if stored.case.owner == by.email] or found
    if len(own) != 1:
        raise NotFound("case", local_id)
    return own[0]


def _submit(mm: Matchmaker, cases: Sequence[Case], *, by: User, key: str | None = None) -> list[Submitted]:
    for case in cases:
        require(by, Action.SUBMIT_CASE, case)
    try:
        return _submit_once(mm, cases, by=by, key=key)
    except faults.Collision:
        # Two processes brought the same new case at once. The other one has committed: now it is an update.
        return _submit_once(mm, cases, by=by, key=key)


def _submit_once(mm: Matchmaker, cases: Sequence[Case], *, by: User, key: str | None) -> list[Submitted]:
    with mm.transaction() as db:
        if key is not None:
            before = idempotency.claim(db, by.email, key, content=_content(cases), at=_now())
            if before is not None:
                return [Submitted(**outcome) for outcome in json.loads(before)]
        submitted = _store(mm, db, cases, by=by)
        if key is not None:
            outcome = json.dumps([asdict(one) for one in submitted])
            idempotency.settle(db, by.email, key, outcome=outcome)
    return submitted


def _store(mm: Matchmaker, db: Connection, cases: Sequence[Case], *, by: User) -> list[Submitted]:
    submitted: list[Submitted] = []
    for distinct in _without_repeats(cases):
        submitted += _store_distinct(mm, db, distinct, by=by)
    return submitted


def _store_distinct(mm: Matchmaker, db: Connection, cases: Sequence[Case], *, by: User) -> list[Submitted]:
    at = _now()
    known = stored_cases.known(db, [_identity(case) for case in cases])
    new: list[Case] = []
    changed: list[tuple[Case, int]] = []
    submitted = []
    for case in cases:
        before = known.get(_identity(case))
        settled = _settled(case, before)
        same = before is not None and stored_cases.is_same(db, settled, before)
        if before is None:
            new.append(settled)
        elif not same:
            changed.append((settled, before.version))
        version = 1 if before is None else before.version + (not same)
        submitted.append(Submitted(case_id=settled.id, version=version, created=before is None, changed=not same))
    stored_cases.insert_all(db, new, at=at)
    told = sent_cases.recipients(db, [case.id for case, _ in changed])
    corrected = [(stored_cases.get(db, case.id).case, case) for case, _ in changed if case.id in told]
    stored_cases.update_all(db, changed, at=at)
    versions = [*((case, 1) for case in new), *((case, version + 1) for case, version in changed)]
    standing.follow_up(db, versions, jurisdiction=mm.settings.jurisdiction, at=at)
    case_notices.changed(db, corrected, jurisdiction=mm.settings.jurisdiction, at=at)
    entries = [audit.Event(action="case submitted", case_id=case.id) for case in new]
    entries += [audit.Event(action="case updated", case_id=case.id) for case, _ in changed]
    audit.record_all(db, by, entries)
    return submitted


def _settled(case: Case, before: Known | None) -> Case:
    """Give the case its id; what was withdrawn here does not come back because a file is imported again."""
    if before is None:
        return replace(case, id=CaseId(secrets.token_hex(16)))
    status = Status.WITHDRAWN if before.status is Status.WITHDRAWN else case.status
    return replace(case, id=before.case_id, status=status)


def _editable(db: Connection, case_id: CaseId, *, by: User, action: Action) -> StoredCase:
    stored = stored_cases.get(db, case_id)
    require(by, action, stored.case)
    return stored


def _require_own_name(db: Connection, case: Case) -> None:
    namesake = stored_cases.find(db, _identity(case))
    if namesake is not None and namesake.case.id != case.id:
        taken = Issue(path="local_id", message=_("is another case of this owner"), remedy=_("choose another"))
        raise Invalid([taken])


def _without_repeats(cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    """Cut before each case that names one of its part again: the later one is an update of the earlier."""
    start, seen = 0, set[Identity]()
    for place, case in enumerate(cases):
        if _identity(case) in seen:
            yield cases[start:place]
            start, seen = place, set()
        seen.add(_identity(case))
    yield cases[start:]


def _content(cases: Sequence[Case]) -> str:
    """What was asked for; ids are ours, and differ when the same request is read twice."""
    return repr([replace(case, id=CaseId("")) for case in cases])


def _identity(case: Case) -> Identity:
    return case.owner, case.local_id


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
