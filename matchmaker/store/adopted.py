"""Which release the node uses, which one it used before, and what the curator decided about obsolete terms."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, select

from matchmaker.model import TermId
from matchmaker.store import dialects, marks
from matchmaker.store.release_tables import term_choices

_IN_USE = "release in use"
_BEFORE = "release before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A release by its checksum; an empty one stands for the release that ships with the program."""

    checksum: str = ""
    choices: Mapping[TermId, TermId] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """The same for processes that rank alike: release and decisions together."""
        decided = "\n".join(f"{term} {instead}" for term, instead in sorted(self.choices.items()))
        return f"{self.checksum} {hashlib.sha256(decided.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a curator decided that an obsolete term means; nothing, when the replacement is the term itself."""

    term: TermId
    replacement: TermId
    at: dt.datetime


def read(db: Connection) -> Adopted:
    """Return what the node uses now."""
    decided = {choice.term: choice.replacement for choice in choices(db) if choice.replacement != choice.term}
    return Adopted(checksum=marks.get(db, _IN_USE) or "", choices=decided)


def before(db: Connection) -> str | None:
    """Return the checksum of the release before (empty: the shipped one); None when nothing was ever adopted."""
    return marks.get(db, _BEFORE)


def put(db: Connection, checksum: str) -> None:
    """Use another release; the one in use becomes the one before."""
    marks.put(db, _BEFORE, marks.get(db, _IN_USE) or "")
    marks.put(db, _IN_USE, checksum)


def choices(db: Connection) -> list[Choice]:
    """Return all decisions about obsolete terms, by term."""
    rows = db.execute(select(term_choices).order_by(term_choices.c.term))
    return [Choice(term=TermId(row.term), replacement=TermId(row.replacement), at=row.at) for row in rows]


def choose(db: Connection, choice: Choice) -> None:
    """Keep a decision in place of the one before."""
    row = dialects.insert(db, term_choices).values(term=choice.term, replacement=choice.replacement, at=choice.at)
    changes = {"replacement": choice.replacement, "at": choice.at}
    db.execute(row.on_conflict_do_update(index_elements=[term_choices.c.term], set_=changes))


def unchoose(db: Connection, term: TermId) -> bool:
    """Take a decision back; False when there was none."""
    return db.execute(delete(term_choices).where(term_choices.c.term == term)).rowcount == 1
