"""Cases in the database. The document is the truth; the columns beside it are written from it, and only here."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update

from matchmaker.errors import NotFound, Stale
from matchmaker.keys import SALT_BYTES
from matchmaker.model import Case, CaseId, Sharing, Status, StoredCase
from matchmaker.store import documents, history, jobs, sealing
from matchmaker.store.documents import Document
from matchmaker.store.engine import keys_of, stream
from matchmaker.store.tables import PENDING, AnyRow, case_keys, cases, tombstones

Identity = tuple[str, str]  # owner and local id: how the submitter names a case
_T = TypeVar("_T")
_AT_ONCE = 500  # parameters in one IN: below every database's limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the database has under a submitter's name for a case."""

    case_id: CaseId
    version: int
    status: Status
    content_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cases of a list are wanted; None: any. The level is what the stated one amounts to."""

    owner: str | None = None
    local_id: str | None = None  # as its owner names it: found only where owners are given
    status: Status | None = None
    sharing: Sharing | None = None
    changed_since: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A case as of a revision; None when it must not be matched any more, withdrawn or erased."""

    case_id: CaseId
    revision: int
    case: Case | None


def known(db: Connection, identities: Iterable[Identity]) -> dict[Identity, Known]:
    """Return those that are stored, locked until the transaction ends, in an order that no two writers can cross."""
    by_key = {_local_key(db, identity): identity for identity in identities}
    columns = (cases.c.local_key, cases.c.id, cases.c.version, cases.c.status, cases.c.content_key)
    found = {}
    for some in _chunks(sorted(by_key)):
        query = select(*columns).where(cases.c.local_key.in_(some)).order_by(cases.c.local_key).with_for_update()
        for row in db.execute(query):
            found[by_key[row.local_key]] = Known(
                case_id=CaseId(row.id), version=row.version, status=Status(row.status), content_key=row.content_key
            )
    return found


def is_same(db: Connection, case: Case, stored: Known) -> bool:
    """Say whether the stored case states exactly this."""
    return _content_key(db, documents.encode(case)) == stored.content_key


def insert_all(db: Connection, new: Sequence[Case], *, at: dt.datetime) -> None:
    """Store cases that are not there yet, in version 1."""
    if not new:
        return
    salts = [secrets.token_bytes(SALT_BYTES) for _ in new]
    rows = [
        {"id": case.id, "created_at": at, **_row(db, case, version=1, salt=salt, at=at)}
        for case, salt in zip(new, salts, strict=True)
    ]
    # Two batches that bring the same new cases wait for each other in one order, and cannot deadlock.
    db.execute(insert(cases), sorted(rows, key=lambda row: row["local_key"]))
    db.execute(insert(case_keys), [{"case_id": case.id, "salt": salt} for case, salt in zip(new, salts, strict=True)])


def update_all(db: Connection, changed: Sequence[tuple[Case, int]], *, at: dt.datetime) -> None:
    """Store a new content for cases, each with the version that it replaces; what they were goes to the history.

    Raises
    ------
    NotFound, Stale
        When a case is not there, or not in that version any more.
    """
    if not changed:
        return
    stored = _versions(db, [case.id for case, _ in changed])
    for case, version in changed:
        if case.id not in stored:
            raise NotFound("case", case.id)
        if stored[case.id].version != version:
            raise Stale(case.id, seen=version, now=stored[case.id].version)
    history.keep(db, [case.id for case, _ in changed])
    rows = [
        {"row_id": case.id, **_row(db, case, version=version + 1, salt=stored[case.id].salt, at=at)}
        for case, version in changed
    ]
    names = rows[0].keys() - {"row_id"}
    db.execute(
        update(cases).where(cases.c.id == bindparam("row_id")).values({name: bindparam(name) for name in names}), rows
    )


def get(db: Connection, case_id: CaseId) -> StoredCase:
    """Return a case, withdrawn or not; NotFound when there is none, or none any more."""
    row = db.execute(_stored().where(cases.c.id == case_id)).first()
    if row is None:
        raise NotFound("case", case_id)
    return _stored_case(db, row)


def find(db: Connection, identity: Identity) -> StoredCase | None:
    """Return the case that its submitter names so."""
    row = db.execute(_stored().where(cases.c.local_key == _local_key(db, identity))).first()
    return None if row is None else _stored_case(db, row)


def list_(db: Connection, *, owners: Collection[str] | None = None) -> Iterator[StoredCase]:
    """Yield all cases, or those of these owners, by id; withdrawn ones too."""
    query = _stored().order_by(cases.c.id)
    if owners is not None:
        query = query.where(cases.c.owner_key.in_([keys_of(db).pseudonym("owner", owner) for owner in owners]))
    for row in stream(db, query):
        yield _stored_case(db, row)


def page(
    db: Connection, wanted: Wanted, *, owners: Collection[str] | None, after: CaseId | None, limit: int
) -> list[StoredCase]:
    """Return at most so many wanted cases of these owners, by id, withdrawn ones too."""
    if wanted.owner is not None:
        owners = {wanted.owner} if owners is None else {wanted.owner} & set(owners)
    query = _stored().order_by(cases.c.id).limit(limit)
    if owners is not None:
        query = query.where(cases.c.owner_key.in_([keys_of(db).pseudonym("owner", owner) for owner in owners]))
    if after is not None:
        query = query.where(cases.c.id > after)
    for column, value in ((cases.c.status, wanted.status), (cases.c.sharing, wanted.sharing)):
        query = query if value is None else query.where(column == value)
    if wanted.changed_since is not None:
        query = query.where(cases.c.updated_at >= wanted.changed_since)
    if wanted.local_id is not None:
        named = [_local_key(db, (owner, wanted.local_id)) for owner in owners or ()]
        query = query.where(cases.c.local_key.in_(named))
    return [_stored_case(db, row) for row in db.execute(query)]


def count(db: Connection) -> int:
    """Return how many cases are stored, withdrawn ones too."""
    return db.scalar(select(func.count()).select_from(cases)) or 0


def n_owned(db: Connection, owner: str) -> int:
    """Return how many cases an owner has, withdrawn ones too."""
    key = keys_of(db).pseudonym("owner", owner)
    return db.scalar(select(func.count()).select_from(cases).where(cases.c.owner_key == key)) or 0


def ids(db: Connection) -> list[CaseId]:
    """Return the ids of all stored cases."""
    return [CaseId(case_id) for case_id in db.scalars(select(cases.c.id))]


def of_family(db: Connection, case: Case) -> list[CaseId]:
    """Return the ids of the family's cases, this one's among them; none when no family is stated."""
    key = _family_key(db, case)
    return [] if key is None else [CaseId(found) for found in db.scalars(select(cases.c.id).filter_by(family_key=key))]


def withdraw(db: Connection, case_id: CaseId, *, at: dt.datetime) -> None:
    """Take a case out of matching; a withdrawn one stays as it is."""
    stored = get(db, case_id)
    if stored.case.status is not Status.WITHDRAWN:
        update_all(db, [(replace(stored.case, status=Status.WITHDRAWN), stored.version)], at=at)


def erase(db: Connection, case_id: CaseId, *, at: dt.datetime) -> None:
    """Remove a case, its key, history, matches and work; the tombstone tells indexes now, and a restore later."""
    if db.execute(delete(cases).where(cases.c.id == case_id)).rowcount == 0:
        raise NotFound("case", case_id)
    jobs.forget_comparisons(db)  # each says of every case which others are like it
    db.execute(insert(tombstones).values(case_id=case_id, revision=PENDING, erased_at=at))


def changed_since(db: Connection, revision: int) -> Iterator[Changed]:
    """Yield every case whose last change came after that revision, once; erased ones as well."""
    gone = select(tombstones.c.case_id, tombstones.c.revision).where(tombstones.c.revision > revision)
    for row in db.execute(gone):
        yield Changed(case_id=CaseId(row.case_id), revision=row.revision, case=None)
    query = _stored().where(cases.c.revision > revision).order_by(cases.c.revision, cases.c.id)
    for row in stream(db, query):
        matchable = row.status != Status.WITHDRAWN
        case = sealing.open_case(db, CaseId(row.id), row) if matchable else None
        yield Changed(case_id=CaseId(row.id), revision=row.revision, case=case)


def _row(db: Connection, case: Case, *, version: int, salt: bytes, at: dt.datetime) -> dict[str, Any]:
    document = documents.encode(case)
    return {
        "owner_key": keys_of(db).pseudonym("owner", case.owner),
        "local_key": _local_key(db, (case.owner, case.local_id)),
        "family_key": _family_key(db, case),
        "sharing": case.effective_sharing,
        "disclosure": case.disclosure,
        "status": case.status,
        "test": case.test,
        "revision": PENDING,
        "version": version,
        "updated_at": at,
        "lapses_on": lapse_of(case),
        "content_key": _content_key(db, document),
        "profile": document.profile,
        "sealed": sealing.seal(db, document, case_id=case.id, version=version, salt=salt),
    }


def lapse_of(case: Case) -> dt.date:
    """Return when the consent of a case lapses, as it is kept; what never does is far in the future."""
    return (None if case.consent is None else case.consent.lapses_on) or dt.date.max


def _local_key(db: Connection, identity: Identity) -> str:
    return keys_of(db).pseudonym("local id", *identity)


def _family_key(db: Connection, case: Case) -> str | None:
    # A family's id is the owner's own: "F1" of two centres are two families.
    return None if case.family is None else keys_of(db).pseudonym("family", case.owner, case.family.id)


def _content_key(db: Connection, document: Document) -> str:
    return keys_of(db).pseudonym("content", document.profile, document.hidden)


def _versions(db: Connection, case_ids: Sequence[CaseId]) -> dict[CaseId, AnyRow]:
    query = select(cases.c.id, cases.c.version, case_keys.c.salt).join(case_keys)
    return {
        CaseId(row.id): row
        for some in _chunks(sorted(case_ids))
        for row in db.execute(query.where(cases.c.id.in_(some)).order_by(cases.c.id).with_for_update(of=cases))
    }


def _stored() -> Select[*tuple[Any, ...]]:
    return select(cases, case_keys.c.salt).join(case_keys)


def _stored_case(db: Connection, row: AnyRow) -> StoredCase:
    return StoredCase(
        case=sealing.open_case(db, CaseId(row.id), row),
        version=row.version,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
        confirmed_at=row.confirmed_at,
    )


def _chunks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))
