"""The audit chain: each entry holds the SHA-256 of the one before, so that a changed or missing one shows."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from json.encoder import encode_basestring_ascii

from sqlalchemy import Connection, select, update

from matchmaker.store import dialects
from matchmaker.store.engine import stream
from matchmaker.store.tables import audit, audit_head

_START = "0" * 64
_HEAD = select(audit_head.c.number, audit_head.c.hash)
_LOCKED_HEAD = _HEAD.with_for_update()
_NEW_HEAD = update(audit_head)
_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
TOLD = "case told"  # what the entry of an answer says of each case that it told of
Detail = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, in pseudonyms: who did what to which case, through which node; and which cases were told of."""

    at: dt.datetime
    actor: str
    action: str
    object: str | None = None
    node: str | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event in its place in the chain."""

    number: int
    event: Event
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of the chain, as it is kept apart from the entries."""

    number: int
    hash: str


def append(db: Connection, events: Sequence[Event]) -> None:
    """Add to the chain. Its head stays locked until the transaction ends, so do this after all else that locks."""
    if not events:
        return
    number, previous = db.execute(_LOCKED_HEAD).one()
    rows: list[list[object]] = []
    for event in events:
        number += 1
        digest = _hash(event, number=number, previous=previous)
        stated = (event.at, event.actor, event.action, event.object, event.node, _dumps(event))
        rows.append([number, *stated, previous, digest])
        previous = digest
    _entries(db).insert(db, rows)
    db.execute(_NEW_HEAD, {"number": number, "hash": previous})


def head(db: Connection) -> Head:
    """Return how long the chain says it is, and its last hash."""
    number, digest = db.execute(_HEAD).one()
    return Head(number=number, hash=digest)


def hash_at(db: Connection, number: int) -> str | None:
    """Return the hash of an entry; None when the chain is shorter."""
    found: str | None = db.scalar(select(audit.c.hash).where(audit.c.number == number))
    return found


def start(db: Connection) -> None:
    """Write the head of an empty chain; one that is there stays."""
    db.execute(dialects.insert(db, audit_head).values(id=1, number=0, hash=_START).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries are looked for; what is None does not matter."""

    object: str | None = None
    actor: str | None = None
    node: str | None = None
    action: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def entries(db: Connection, wanted: Wanted = Wanted()) -> Iterator[Entry]:
    """Yield the entries that are looked for, all of them unless told otherwise, oldest first."""
    query = select(audit).order_by(audit.c.number)
    for name in ("actor", "node"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(audit.c[name] == value)
    if wanted.object is not None:
        query = query.where((audit.c.object == wanted.object) | audit.c.details.contains(f'"{wanted.object}"'))
    if wanted.action == TOLD:
        query = query.where((audit.c.action == TOLD) | audit.c.details.contains('"told":['))
    elif wanted.action is not None:
        query = query.where(audit.c.action == wanted.action)
    if wanted.since is not None:
        query = query.where(audit.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(audit.c.at < wanted.until)
    for row in stream(db, query):
        details = json.loads(row.details)
        event = Event(
            at=row.at,
            actor=row.actor,
            action=row.action,
            object=row.object,
            node=row.node,
            told=tuple(details.pop("told", ())),
            details=details,
        )
        yield Entry(number=row.number, event=event, previous=row.previous, hash=row.hash)


def said(db: Connection, wanted: Wanted = Wanted()) -> Iterator[Entry]:
    """Yield what the entries say that are looked for: of an answer that it was given, and each case that it told of."""
    for entry in entries(db, wanted):
        answer = replace(entry.event, told=())
        told = (replace(answer, action=TOLD, object=object_, details={}) for object_ in entry.event.told)
        for event in (answer, *told):
            if wanted.object in {None, event.object} and wanted.action in {None, event.action}:
                yield replace(entry, event=event)


def first_broken(db: Connection) -> int | None:
    """Return the number of the first entry that was changed, or follows a missing one; None when the chain holds."""
    last = Head(number=0, hash=_START)
    for entry in entries(db):
        if not follows(last, entry):
            return last.number + 1
        last = Head(number=entry.number, hash=entry.hash)
    return None if head(db) == last else last.number + 1


def follows(last: Head | None, entry: Entry) -> bool:
    """Say whether an entry is as it was written, and the next after the one that ended the chain; None: the first."""
    before = last or Head(number=0, hash=_START)
    if (entry.number, entry.previous) != (before.number + 1, before.hash):
        return False
    return entry.hash == _hash(entry.event, number=entry.number, previous=entry.previous)


@dialects.once
def _entries(db: Connection) -> dialects.Rows:
    return dialects.Rows(db, dialects.insert(db, audit))


def _hash(event: Event, *, number: int, previous: str) -> str:
    """The SHA-256 of an entry as a JSON list; put together here, since matching a case makes some fifty entries."""
    at = event.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    texts = (at, event.actor, event.action, event.object, event.node)
    stated = ",".join(["null" if text is None else encode_basestring_ascii(text) for text in texts])
    return hashlib.sha256(f'[{number},{stated},{_dumps(event)},"{previous}"]'.encode()).hexdigest()


def _dumps(event: Event) -> str:
    details: dict[str, object] = {**event.details, "told": event.told} if event.told else {**event.details}
    return _encoder.encode(details) if details else "{}"
