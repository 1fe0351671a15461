"""The tables of what keeps looking, who is told, and what becomes of a match."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from matchmaker.store.tables import CASE_ID, DIGEST, NODE_NAME, Moment, metadata


def _claimed(*, stay: bool = False) -> list[Column[object]]:
    """What makes rows work: when it is due, who holds it until when, and how often it was tried.

    Rows that `stay` when they are done are found by their state as well.
    """
    return [
        Column("due_at", Moment, nullable=False, index=not stay),
        Column("attempts", Integer, nullable=False),
        Column("lease_until", Moment),
        Column("lease", CASE_ID),
        Column("last_error", String(200)),
    ]


heard = Table(
    "heard",
    metadata,
    Column("id", CASE_ID, primary_key=True),
    Column("node", NODE_NAME, nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("asked", LargeBinary, nullable=False),  # sealed: the patient that the node asked with
    Column("told", Text, nullable=False),  # JSON: ids of our cases in the answer
    *_claimed(),
)

notifications = Table(
    "notifications",
    metadata,
    Column("id", CASE_ID, primary_key=True),
    Column("person", DIGEST, nullable=False),  # the pseudonym of an owner, as in cases
    Column("pair", DIGEST, nullable=False),  # the two cases, whichever of them was found
    Column("match_id", CASE_ID, ForeignKey("matches.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(20), nullable=False, server_default="found"),
    Column("strong", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment),
    Column("mailed_at", Moment),
    *_claimed(stay=True),
    UniqueConstraint("person", "pair"),
    Index(None, "state", "due_at"),
)

alert_choices = Table(
    "alert_choices",
    metadata,
    Column("person", DIGEST, primary_key=True),
    Column("choice", String(20), nullable=False),
    Column("mailed_at", Moment),  # the last mail: what comes at once comes once an hour
)

marks = Table(
    "marks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(255), nullable=False),
)

match_events = Table(
    "match_events",
    metadata,
    Column("id", CASE_ID, primary_key=True),
    Column("match_id", CASE_ID, ForeignKey("matches.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("status", String(20)),  # NULL: a note
    Column("sealed", LargeBinary, nullable=False),  # who, and what they wrote
)
