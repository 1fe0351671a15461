"""What goes into the audit log: who did or saw what, to which case, through which node. No personal data."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from matchmaker.actors import Role, User
from matchmaker.authorise import Action, require
from matchmaker.model import CaseId, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import accounts as stored_accounts
from matchmaker.store import audit, checkpoints
from matchmaker.store import cases as stored_cases
from matchmaker.store.audit import Detail, Entry, Wanted
from matchmaker.store.engine import Connection, keys_of

Actor = User | NodeName
_WORD = re.compile(r"[a-z0-9_.:-]{1,40}")  # a status, a level, a version: nothing in which a name would fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, to which case, and which cases were told of; details are counts and single lower-case words."""

    action: str
    case_id: CaseId | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)
    told: Sequence[CaseId] = ()


class Wrong(StrEnum):
    """What can be wrong with the log, in the words in which it is said."""

    ALTERED = "was altered, or one before it was removed"
    CUT = "and what followed it were cut off"
    REWRITTEN = "is not the one that was signed: the log was written anew"
    MISSING = "and what follows it have no checkpoint, and should have one"
    CHECKPOINT = "of the checkpoint file was altered or follows a missing one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, from which entry on; of CHECKPOINT the number is a line of the file."""

    kind: Wrong
    number: int

    def __str__(self) -> str:
        return f"{'line' if self.kind is Wrong.CHECKPOINT else 'entry'} {self.number:,} {self.kind.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """How much of the log there is, how much of it is signed, and what is wrong."""

    n_entries: int
    n_signed: int
    n_checkpoints: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An entry with whom and what its pseudonyms stand for; the pseudonym itself where that is not known any more."""

    entry: Entry
    actor: str
    case: CaseId | None


def record(
    db: Connection,
    by: Actor,
    action: str,
    *,
    case_id: CaseId | None = None,
    node: NodeName | None = None,
    details: Mapping[str, Detail] | None = None,
) -> None:
    """Add one entry, as the last thing before the transaction ends: the chain's head stays locked until then.

    Details are counts and single lower-case words; anything else is a ValueError, since it might name somebody.
    """
    record_all(db, by, [Event(action=action, case_id=case_id, details=details or {})], node=node)


def record_all(db: Connection, by: Actor, events: Sequence[Event], *, node: NodeName | None = None) -> None:
    """Add an entry for each of several events, in their order."""
    at = dt.datetime.now(dt.UTC)
    actor = _actor(db, by)
    entries = [
        audit.Event(
            at=at,
            actor=actor,
            action=event.action,
            object=None if event.case_id is None else _object(db, event.case_id),
            node=node,
            details=_checked(event.details),
            told=tuple(_object(db, case_id) for case_id in event.told),
        )
        for event in events
    ]
    audit.append(db, entries)


def about(db: Connection, case_id: CaseId) -> list[Entry]:
    """Return all entries about a case, oldest first; an erased one as well."""
    return list(audit.said(db, Wanted(object=_object(db, case_id))))


def search(
    mm: Matchmaker,
    *,
    by: User,
    case_id: CaseId | None = None,
    person: str | None = None,
    wanted: Wanted = Wanted(),  # noqa: B008 - it cannot be changed
) -> list[Seen]:
    """Look for entries by case, person (an address), node, action and time, oldest first.

    The log holds pseudonyms; who an account stands for, and which stored case is meant, is said where it is known.
    """
    require(by, Action.READ_AUDIT)
    with mm.reading() as db:
        people = {_actor(db, User(email=email, role=Role.CLINICIAN)): email for email in _addresses(db, person)}
        wanted = replace(
            wanted,
            object=wanted.object if case_id is None else _object(db, case_id),
            actor=wanted.actor if person is None else _actor(db, User(email=person, role=Role.CLINICIAN)),
        )
        found = list(audit.said(db, wanted))
        named = {_object(db, known): known for known in ([case_id] if case_id else stored_cases.ids(db))}
    return [
        Seen(
            entry=entry,
            actor=people.get(entry.event.actor, entry.event.actor),
            case=named.get(entry.event.object or ""),
        )
        for entry in found
    ]


def first_broken(db: Connection) -> int | None:
    """Return the number of the first entry that does not fit the chain; None when all do."""
    return audit.first_broken(db)


def verify(mm: Matchmaker) -> Verified:
    """Compare the log with itself and with the checkpoints that were signed outside the database."""
    with mm.reading() as db:
        return verified(db, checkpoints.read(mm.settings.home, mm.keys))


def verified(db: Connection, file: checkpoints.File) -> Verified:
    """Read the log once, and say all that is wrong with it or with the file of checkpoints."""
    signed = {checkpoint.number: checkpoint.hash for checkpoint in file.checkpoints}
    n_signed = max(signed, default=0)
    problems = [] if file.broken is None else [Problem(kind=Wrong.CHECKPOINT, number=file.broken)]
    last: audit.Head | None = None
    unsigned: list[dt.datetime] = []
    for entry in audit.entries(db):
        if not audit.follows(last, entry):
            problems.append(Problem(kind=Wrong.ALTERED, number=1 if last is None else last.number + 1))
            break
        last = audit.Head(number=entry.number, hash=entry.hash)
        if signed.get(entry.number, entry.hash) != entry.hash:
            problems.append(Problem(kind=Wrong.REWRITTEN, number=entry.number))
            break
        if entry.number > n_signed:
            unsigned = [*unsigned[:1], entry.event.at]
    n_entries = 0 if last is None else last.number
    if not any(problem.kind is not Wrong.CHECKPOINT for problem in problems):
        problems += _at_the_end(audit.head(db), last, n_signed=n_signed, unsigned=unsigned)
    return Verified(n_entries=n_entries, n_signed=n_signed, n_checkpoints=len(signed), problems=tuple(problems))


def _at_the_end(
    head: audit.Head, last: audit.Head | None, *, n_signed: int, unsigned: Sequence[dt.datetime]
) -> Iterator[Problem]:
    """What a chain that holds as far as it goes does not show."""
    n_entries = 0 if last is None else last.number
    if max(head.number, n_signed) > n_entries:
        yield Problem(kind=Wrong.CUT, number=n_entries + 1)
    elif head.number != n_entries or (last is not None and head != last):
        yield Problem(kind=Wrong.ALTERED, number=n_entries)
    # Whoever was writing all that time would have signed; the time after the last entry proves nothing.
    elif n_entries - n_signed > 2 * checkpoints.ENTRIES or (
        unsigned and unsigned[-1] - unsigned[0] > 2 * checkpoints.INTERVAL
    ):
        yield Problem(kind=Wrong.MISSING, number=n_signed + 1)


def _checked(details: Mapping[str, Detail]) -> dict[str, Detail]:
    for name, detail in details.items():
        if isinstance(detail, str) and not _WORD.fullmatch(detail):
            raise ValueError(f"audit detail {name} is not a count or a word")
    return dict(details)


def _addresses(db: Connection, person: str | None) -> list[str]:
    return [account.email for account in stored_accounts.list_(db)] if person is None else [person]


def _object(db: Connection, case_id: CaseId) -> str:
    return keys_of(db).pseudonym("audit object", case_id)


def _actor(db: Connection, by: Actor) -> str:
    if isinstance(by, User):
        return "system" if by.role is Role.SYSTEM else keys_of(db).pseudonym("audit actor", by.email)
    return f"node {by}"[:64]
