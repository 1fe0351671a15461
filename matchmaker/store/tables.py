"""The tables. A case is a document in two halves; the columns beside it are what is queried (docs/decisions/0004)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

AnyRow = Row[*tuple[Any, ...]]
CASE_ID = String(32)
DIGEST = String(64)
NODE_NAME = String(100)
PENDING = 0  # the revision of a row whose transaction has not taken the clock yet


class Moment(TypeDecorator[dt.datetime]):
    """An instant: aware in Python, in UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        moment: dt.datetime = value
        return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


def _case_id(*, primary_key: bool = False) -> Column[str]:
    """A reference whose row goes when the case is erased."""
    return Column(
        "case_id", CASE_ID, ForeignKey("cases.id", ondelete="CASCADE"), primary_key=primary_key, nullable=False
    )


clock = Table(
    "clock",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    Column("epoch", String(32), nullable=False),  # random, new after every restore
    Column("key_check", DIGEST, nullable=False),  # a pseudonym that only the keys of this database make
    CheckConstraint("id = 1", name="one_row"),
)

cases = Table(
    "cases",
    metadata,
    Column("id", CASE_ID, primary_key=True),
    Column("owner_key", DIGEST, nullable=False, index=True),
    Column("local_key", DIGEST, nullable=False, unique=True),  # of owner and local id together
    Column("family_key", DIGEST, index=True),
    Column("sharing", String(20), nullable=False),  # the effective level: private without a basis
    Column("disclosure", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("test", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("confirmed_at", Moment),  # when somebody last said that the status holds
    Column("lapses_on", Date, index=True),  # when a child's consent ends to hold; far in the future: never
    Column("lapse_told_on", Date),  # when its owner was last told so by mail
    Column("content_key", DIGEST, nullable=False),  # the same content again has the same one
    Column("profile", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

case_keys = Table(
    "case_keys",
    metadata,
    _case_id(primary_key=True),
    Column("salt", LargeBinary, nullable=False),
)

case_revisions = Table(
    "case_revisions",
    metadata,
    _case_id(primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("updated_at", Moment, nullable=False),
    Column("profile", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("case_id", CASE_ID, primary_key=True),
    Column("revision", BigInteger, nullable=False, index=True),
    Column("erased_at", Moment, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False, index=True),
    Column("actor", DIGEST, nullable=False),
    Column("action", String(100), nullable=False),
    Column("object", DIGEST, index=True),
    Column("node", NODE_NAME),
    Column("details", Text, nullable=False),
    Column("previous", DIGEST, nullable=False),
    Column("hash", DIGEST, nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", DIGEST, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

nodes = Table(
    "nodes",
    metadata,
    Column("name", NODE_NAME, primary_key=True),
    Column("base_url", Text),
    Column("country", String(2)),
    Column("jurisdiction", String(20)),
    Column("transfer_basis", Text),
    Column("enabled", Boolean, nullable=False),
    Column("version", String(10)),
    Column("start_offset", Integer),
    Column("declared_cases", Integer),
    Column("operator_mail", LargeBinary),  # sealed
    Column("kin", Boolean),
    Column("signing_key", String(64)),
    Column("must_sign", Boolean),
    Column("outbound_token", LargeBinary),  # sealed
)

tokens = Table(
    "tokens",
    metadata,
    Column("hash", DIGEST, primary_key=True),  # SHA-256; the token itself has 256 random bits
    Column("node", NODE_NAME, ForeignKey("nodes.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("scope", String(20), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key", DIGEST, primary_key=True),
    Column("content_key", DIGEST, nullable=False),
    Column("outcome", Text),
    Column("created_at", Moment, nullable=False, index=True),
)

matches = Table(
    "matches",
    metadata,
    Column("id", CASE_ID, primary_key=True),
    _case_id(),
    Column("node", NODE_NAME, nullable=False),  # empty: the other case is ours too
    Column("other_id", String(255), nullable=False),
    Column("other_case", CASE_ID, ForeignKey("cases.id", ondelete="CASCADE"), index=True),
    Column("asked_by_us", Boolean, nullable=False),
    Column("total", Float, nullable=False),
    Column("phenotype", Float, nullable=False),
    Column("genotype", Float, nullable=False),
    Column("release", String(100), nullable=False),
    Column("scoring", String(100), nullable=False),
    Column("calibration", String(100), nullable=False),
    Column("phenotype_ratio", Float),
    Column("gene_ratio", Float),
    Column("n_searched", Integer),
    Column("status", String(20), nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False, index=True),
    Column("told", LargeBinary),  # sealed: what the other node told of its case
    Column("outdated_at", Moment),  # when its node said that the case was corrected; empty again once it told anew
    Column("confirmed_there_at", Moment),  # when the other side confirmed it; empty again once it took that back
    Index(None, "node", "other_id"),
    UniqueConstraint("case_id", "node", "other_id"),
)

work = Table(
    "work",
    metadata,
    Column("id", CASE_ID, primary_key=True),
    Column("kind", String(40), nullable=False),
    _case_id(),
    Column("node", NODE_NAME, nullable=False),  # empty: no other node is concerned
    Column("version", Integer, nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", Moment),
    Column("lease", CASE_ID),
    Column("last_error", String(200)),
    UniqueConstraint("kind", "case_id", "node"),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", CASE_ID, primary_key=True),
    Column("node", NODE_NAME, nullable=False),
    Column("direction", String(10), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("at", Moment, nullable=False),
    Column("status", String(20), nullable=False),
    Column("n_results", Integer, nullable=False),
    Column("fingerprint", DIGEST),
    Column("seconds", Float, nullable=False),
    Column("test", Boolean, nullable=False),
    Index(None, "node", "direction", "at"),
)

genes_matched = Table(
    "genes_matched",
    metadata,
    Column("gene", String(255), primary_key=True),
)

metrics = Table(
    "metrics",
    metadata,
    Column("day", Date, primary_key=True),
    Column("counters", Text, nullable=False),
)

budgets = Table(
    "budgets",
    metadata,
    Column("node", NODE_NAME, primary_key=True),
    Column("period", String(10), primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("spent", Integer, nullable=False),
)

# In the order of the key, and in one tree: an answer writes some sixty lines in places far apart.
ledger = Table(
    "ledger",
    metadata,
    # No foreign key: who was told of an erased case must hear of the erasure.
    Column("case_id", CASE_ID, primary_key=True),
    Column("node", NODE_NAME, primary_key=True),
    Column("fingerprint", DIGEST, primary_key=True),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Column("extent", String(60)),  # counts of what was shown: no term, no gene
    sqlite_with_rowid=False,
)

revealed = Table(
    "revealed",
    metadata,
    Column("node", NODE_NAME, primary_key=True),
    Column("case_id", CASE_ID, primary_key=True),  # no foreign key, as in the ledger; test cases are not in it
    Column("first_at", Moment, nullable=False),
    Index(None, "node", "first_at"),
    sqlite_with_rowid=False,
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", CASE_ID, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("node", NODE_NAME, nullable=False),
    Column("case_id", CASE_ID, ForeignKey("cases.id", ondelete="CASCADE"), index=True),
    Column("day", Date, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False, index=True),
    Column("times", Integer, nullable=False),
    Column("operator_told_at", Moment),
    Column("owner_told_at", Moment),
    Column("acknowledged_at", Moment),  # when an operator said to have seen it; what comes later is seen anew
)
