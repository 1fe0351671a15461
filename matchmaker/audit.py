"""What goes into the audit log: who did or saw what, to which case, through which node. No personal data."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from matchmaker.actors import Role, User
from matchmaker.model import CaseId, NodeName
from matchmaker.store import audit
from matchmaker.store.audit import Detail, Entry
from matchmaker.store.engine import Connection, keys_of

Actor = User | NodeName
_WORD = re.compile(r"[a-z0-9_.:-]{1,40}")  # a status, a level, a version: nothing in which a name would fit


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
    record_all(db, by, action, case_ids=[case_id], node=node, details=details)


def record_all(
    db: Connection,
    by: Actor,
    action: str,
    *,
    case_ids: Sequence[CaseId | None],
    node: NodeName | None = None,
    details: Mapping[str, Detail] | None = None,
) -> None:
    """Add an entry for each case of a batch."""
    for name, detail in (details or {}).items():
        if isinstance(detail, str) and not _WORD.fullmatch(detail):
            raise ValueError(f"audit detail {name} is not a count or a word")
    at = dt.datetime.now(dt.UTC)
    actor = _actor(db, by)
    events = [
        audit.Event(
            at=at,
            actor=actor,
            action=action,
            object=None if case_id is None else _object(db, case_id),
            node=node,
            details=dict(details or {}),
        )
        for case_id in case_ids
    ]
    audit.append(db, events)


def about(db: Connection, case_id: CaseId) -> list[Entry]:
    """Return all entries about a case, oldest first; an erased one as well."""
    return list(audit.entries(db, object_=_object(db, case_id)))


def first_broken(db: Connection) -> int | None:
    """Return the number of the first entry that does not fit the chain; None when all do."""
    return audit.first_broken(db)


def _object(db: Connection, case_id: CaseId) -> str:
    return keys_of(db).pseudonym("audit object", case_id)


def _actor(db: Connection, by: Actor) -> str:
    if isinstance(by, User):
        return "system" if by.role is Role.SYSTEM else keys_of(db).pseudonym("audit actor", by.email)
    return f"node {by}"[:64]
