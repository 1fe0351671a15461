"""The tables of what curators decided about obsolete terms, and of long jobs; which release is in use is in `marks`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, Text

from matchmaker.store.tables import CASE_ID, Moment, metadata

TERM = String(20)

term_choices = Table(
    "term_choices",
    metadata,
    Column("term", TERM, primary_key=True),
    Column("replacement", TERM, nullable=False),  # the term itself: decided that nothing replaces it
    Column("at", Moment, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", CASE_ID, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("about", String(200), nullable=False),  # which release, or which two
    Column("started_at", Moment, nullable=False, index=True),
    Column("seen_at", Moment, nullable=False),  # when its process last said that it is at it
    Column("done_at", Moment),
    Column("n_done", BigInteger, nullable=False),  # bytes or cases, by the kind
    Column("error", Text),
    Column("outcome", LargeBinary),
)
