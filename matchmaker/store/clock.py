"""The revision clock: one row that every transaction which changes a case takes last.

The row's lock makes revisions visible in order; a sequence would let a reader see 8 before 7 is committed, and skip 7
for ever.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, exists, select, update

from matchmaker.errors import Unavailable
from matchmaker.store import dialects
from matchmaker.store.tables import PENDING, cases, clock, tombstones

_TIME = select(clock.c.epoch, clock.c.revision)
_CHANGED = exists().where(cases.c.revision == PENDING) | exists().where(tombstones.c.revision == PENDING)
_TICK = update(clock).where(_CHANGED).values(revision=clock.c.revision + 1).returning(clock.c.revision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """Where the clock stands; revisions of different epochs cannot be compared."""

    epoch: str
    revision: int


def start(db: Connection, *, key_check: str) -> None:
    """Write the one row; a clock that runs already stays as it is."""
    row = dialects.insert(db, clock).values(id=1, revision=0, epoch=secrets.token_hex(16), key_check=key_check)
    db.execute(row.on_conflict_do_nothing())


def read(db: Connection) -> Time:
    """Return the revision up to which everything is visible in this transaction's snapshot."""
    row = db.execute(_TIME).first()
    if row is None:
        raise Unavailable("the database", "it was never initialised", "run `matchmaker init`")
    return Time(epoch=row.epoch, revision=row.revision)


def key_check(db: Connection) -> str | None:
    """Return the pseudonym that the keys of this database make; None before the first start."""
    found: str | None = db.scalar(select(clock.c.key_check))
    return found


def new_epoch(db: Connection) -> None:
    """Make every index of this database rebuild itself: after a restore, revisions may mean other changes."""
    db.execute(update(clock).values(epoch=secrets.token_hex(16)))


def restart(db: Connection, *, key_check: str) -> None:
    """After a restore: another epoch, and the pseudonym that the keys of this node make."""
    db.execute(update(clock).values(epoch=secrets.token_hex(16), key_check=key_check))


def stamp(db: Connection) -> None:
    """Give all cases changed in this transaction its revision, if any was."""
    revision = db.scalar(_TICK)
    if revision is not None:
        for table in (cases, tombstones):
            db.execute(update(table).where(table.c.revision == PENDING).values(revision=revision))
