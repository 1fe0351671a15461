"""One case as a program sends it: read as an import reads it, then stored, or put in place of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from federation import strict_json
from federation.importing import Defaults, read_record, with_defaults
from federation.records import records_of
from matchmaker import cases
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.cases import Submitted
from matchmaker.errors import Invalid, Issue
from matchmaker.model import Case, CaseId, Sharing, Status, StoredCase
from matchmaker.service import Matchmaker

# What a record says of itself beside the standard, and the field of `Case` that it becomes.
_BESIDE = {
    "label": "label",
    "_owner": "owner",
    "_notes": "notes",
    "_ageBand": "age_band",
    "_ethnicity": "ethnicity",
    "_family": "family",
    "_consent": "consent",
    "_registration": "registration",
    "_sharing": "sharing",
    "_disclosure": "disclosure",
    "_status": "status",
    "_acute": "acute",
}
_NO_BASIS = Issue(
    path="_consent.basis",
    message="no legal basis is recorded, so the case stays private",
    remedy='record one, such as "consent"',
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A case that was read, what it would replace, and what of it could not be used as it was sent."""

    case: Case
    warnings: tuple[Issue, ...]
    before: StoredCase | None = None


def read(mm: Matchmaker, body: bytes, *, by: User, defaults: Defaults | None = None) -> Sent:
    """Read a new case; it is the caller's own unless the record names an owner of the centre.

    Raises
    ------
    NotJson, Invalid
        When the body is no JSON, not one record, or one that cannot be used.
    Forbidden
        When it names an owner of another centre.
    """
    record, said = _only_record(body)
    read_ = read_record(record, release=mm.release, owner=_owner_of(said) or by.email)
    case = with_defaults(read_.case, said, defaults or Defaults())
    require(by, Action.SUBMIT_CASE, case)
    return Sent(case=case, warnings=(*read_.warnings, *_of_basis(case)))


def read_again(mm: Matchmaker, case_id: CaseId, body: bytes, *, by: User) -> Sent:
    """Read what a stored case is to become; what the record says nothing of, beside the standard, stays as it is.

    Raises
    ------
    NotFound
        When there is no such case for this user.
    NotJson, Invalid, Forbidden
        As `read` does.
    """
    before = cases.get(mm, case_id, by=by)
    record, said = _only_record(body)
    read_ = read_record(record, release=mm.release, owner=_owner_of(said) or before.case.owner)
    case = replace(read_.case, id=case_id, **unsaid(read_.case, before.case, said))
    require(by, Action.SUBMIT_CASE, case)
    return Sent(case=case, warnings=(*read_.warnings, *_of_basis(case)), before=before)


def submit(mm: Matchmaker, sent: Sent, *, by: User, idempotency_key: str | None = None) -> Submitted:
    """Store a new case, or an update of the owner's case with this id; it is matched afterwards.

    Raises
    ------
    Invalid
        When another content came under the idempotency key.
    """
    return cases.submit(mm, sent.case, by=by, idempotency_key=idempotency_key)


def put(mm: Matchmaker, sent: Sent, *, version: int, by: User) -> Submitted:
    """Put a case in place of the stored one, last seen in `version`.

    Raises
    ------
    Stale
        When somebody else saved first.
    """
    now = cases.edit(mm, sent.case, version=version, by=by)
    return Submitted(case_id=sent.case.id, version=now, created=False, changed=now != version)


def unsaid(case: Case, before: Case, said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the stored case that the record says nothing of."""
    kept = {field: getattr(before, field) for name, field in _BESIDE.items() if name not in said}
    if said:
        return kept
    # A phenopacket has places for these, and none for whom to ask.
    stated = {"age_band": case.age_band, "family": case.family}
    kept |= {field: value for field, value in stated.items() if value is not None}
    if case.status is Status.SOLVED and before.status is not Status.WITHDRAWN:
        kept["status"] = case.status
    return kept | {"contact": before.contact, "test": before.test}


def _only_record(body: bytes) -> tuple[Any, Mapping[str, Any]]:
    """The one record of a body, and what an import would find said in it beside the standard."""
    found = list(islice(records_of(strict_json.loads(body)), 2))
    if len(found) != 1:
        raise Invalid([Issue(path="", message="is not one record", remedy="send one patient or one phenopacket")])
    content = found[0].content
    return found[0], content if isinstance(content, Mapping) else {}


def _owner_of(said: Mapping[str, Any]) -> str | None:
    owner = said.get("_owner")
    return owner.strip() if isinstance(owner, str) and owner.strip() else None


def _of_basis(case: Case) -> tuple[Issue, ...]:
    lowered = case.effective_sharing is Sharing.PRIVATE and case.sharing is not Sharing.PRIVATE
    return (_NO_BASIS,) if lowered and case.status is not Status.WITHDRAWN else ()
