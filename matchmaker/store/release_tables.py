"""The table of what the curator decided about obsolete terms; which release is in use stands in `marks`."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from matchmaker.store.tables import Moment, metadata

TERM = String(20)

term_choices = Table(
    "term_choices",
    metadata,
    Column("term", TERM, primary_key=True),
    Column("replacement", TERM, nullable=False),  # the term itself: decided that nothing replaces it
    Column("at", Moment, nullable=False),
)
