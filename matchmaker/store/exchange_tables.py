"""The tables of what goes between nodes beside match requests: holders of cases, notices, searches, letters, nonces."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from matchmaker.store.tables import CASE_ID, DIGEST, NODE_NAME, Moment, metadata

sent_cases = Table(
    "sent_cases",
    metadata,
    Column("node", NODE_NAME, primary_key=True),
    Column("case_id", CASE_ID, primary_key=True),  # no foreign key, as in the ledger
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Column("level", String(20), nullable=False),  # the disclosure level of the last time
    Index(None, "case_id"),
)

case_notices = Table(
    "case_notices",
    metadata,
    Column("id", CASE_ID, primary_key=True),
    Column("node", NODE_NAME, nullable=False, index=True),
    Column("case_id", CASE_ID, nullable=False, index=True),  # no foreign key: it outlives the case that it is about
    Column("other_id", String(255)),  # the case of that node, where the notice is about a pair
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("told_at", Moment),
    Column("reply", Text),
    Column("replied_at", Moment),
    Column("due_at", Moment, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", Moment),
    Column("lease", CASE_ID),
    Column("last_error", String(200)),
)

received_notices = Table(
    "received_notices",
    metadata,
    Column("node", NODE_NAME, primary_key=True),
    Column("id", CASE_ID, primary_key=True),  # the sender's
    Column("kind", String(20), nullable=False),
    Column("other_id", String(255), nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("n_matches", Integer, nullable=False),
)

received_about = Table(
    "received_about",
    metadata,
    Column("node", NODE_NAME, primary_key=True),
    Column("notice_id", CASE_ID, primary_key=True),
    Column("case_id", CASE_ID, ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    ForeignKeyConstraint(["node", "notice_id"], ["received_notices.node", "received_notices.id"], ondelete="CASCADE"),
    Index(None, "case_id"),
)

searches = Table(
    "searches",
    metadata,
    Column("id", CASE_ID, primary_key=True),
    Column("case_id", CASE_ID, ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("started_at", Moment, nullable=False, index=True),
    Column("ends_at", Moment, nullable=False),  # when every node has an answer or a fault
)

search_answers = Table(
    "search_answers",
    metadata,
    Column("search_id", CASE_ID, ForeignKey("searches.id", ondelete="CASCADE"), primary_key=True),
    Column("node", NODE_NAME, primary_key=True),
    Column("state", String(20), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("n_results", Integer, nullable=False),
    Column("n_dropped", Integer, nullable=False),
    Column("error", Text),
    Column("match_ids", Text, nullable=False),  # JSON
)

relays = Table(
    "relays",
    metadata,
    Column("alias_key", DIGEST, primary_key=True),  # SHA-256 of the alias, which opens a conversation
    Column("case_id", CASE_ID, ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("node", NODE_NAME, nullable=False),  # empty: the other case is ours too
    Column("other_id", String(255), nullable=False),  # empty: the alias was told before that was known
    Column("for_owner", Boolean, nullable=False),  # opens the side of our case's owner, not the other one
    Column("expires_at", Moment, nullable=False, index=True),
)

messages = Table(
    "messages",
    metadata,
    Column("id", CASE_ID, primary_key=True),
    Column("case_id", CASE_ID, ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    Column("node", NODE_NAME, nullable=False),
    Column("other_id", String(255), nullable=False),
    Column("by_us", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("state", String(20), nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("due_at", Moment, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", Moment),
    Column("lease", CASE_ID),
    Column("last_error", String(200)),
    Index(None, "case_id", "node", "other_id"),
)

nonces = Table(
    "nonces",
    metadata,
    Column("node", NODE_NAME, primary_key=True),
    Column("nonce_key", DIGEST, primary_key=True),  # SHA-256: what a node sends may be of any length
    Column("expires_at", Moment, nullable=False, index=True),
)

pairings = Table(
    "pairings",
    metadata,
    Column("id", CASE_ID, primary_key=True),
    Column("name", NODE_NAME, nullable=False, index=True),  # of the other node, here
    Column("state", String(20), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # our key, the invitation's secret, what the other node says
)
