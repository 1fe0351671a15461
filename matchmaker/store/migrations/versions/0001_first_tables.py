"""The tables of the first version."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

DIGEST = sa.String(64)
ID = sa.String(32)
MOMENT = sa.DateTime(timezone=True)
NAME = sa.String(100)
WORD = sa.String(20)

TABLES = (
    "cases",
    "case_keys",
    "case_revisions",
    "tombstones",
    "clock",
    "audit",
    "audit_head",
    "idempotency",
    "metrics",
    "nodes",
    "tokens",
    "budgets",
    "exchanges",
    "genes_matched",
    "ledger",
    "matches",
    "work",
)


def upgrade() -> None:
    _cases()
    _records()
    _nodes()
    _exchanges()
    _results()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def needed(name: str, kind: Any) -> sa.Column[Any]:
    """Return a column that is never null, and that the database does not number itself."""
    return sa.Column(name, kind, nullable=False, autoincrement=False)


def _cases() -> None:
    op.create_table(
        "cases",
        needed("id", ID),
        needed("owner_key", DIGEST),
        needed("local_key", DIGEST),
        sa.Column("family_key", DIGEST),
        needed("sharing", WORD),
        needed("disclosure", WORD),
        needed("status", WORD),
        needed("test", sa.Boolean()),
        needed("revision", sa.BigInteger()),
        needed("version", sa.Integer()),
        needed("created_at", MOMENT),
        needed("updated_at", MOMENT),
        needed("content_key", DIGEST),
        needed("profile", sa.Text()),
        needed("sealed", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("local_key", name="uq_cases_local_key"),
    )
    op.create_index("ix_cases_family_key", "cases", ["family_key"])
    op.create_index("ix_cases_owner_key", "cases", ["owner_key"])
    op.create_index("ix_cases_revision", "cases", ["revision"])
    op.create_table(
        "case_keys",
        needed("case_id", ID),
        needed("salt", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_keys_case_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_keys"),
    )
    op.create_table(
        "case_revisions",
        needed("case_id", ID),
        needed("version", sa.Integer()),
        needed("updated_at", MOMENT),
        needed("profile", sa.Text()),
        needed("sealed", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_revisions_case_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", "version", name="pk_case_revisions"),
    )
    op.create_table(
        "tombstones",
        needed("case_id", ID),
        needed("revision", sa.BigInteger()),
        needed("erased_at", MOMENT),
        sa.PrimaryKeyConstraint("case_id", name="pk_tombstones"),
    )
    op.create_index("ix_tombstones_revision", "tombstones", ["revision"])


def _records() -> None:
    op.create_table(
        "clock",
        needed("id", sa.Integer()),
        needed("revision", sa.BigInteger()),
        needed("epoch", ID),
        needed("key_check", DIGEST),
        sa.PrimaryKeyConstraint("id", name="pk_clock"),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_one_row")),
    )
    op.create_table(
        "audit",
        needed("number", sa.BigInteger()),
        needed("at", MOMENT),
        needed("actor", DIGEST),
        needed("action", NAME),
        sa.Column("object", DIGEST),
        sa.Column("node", NAME),
        needed("details", sa.Text()),
        needed("previous", DIGEST),
        needed("hash", DIGEST),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_object", "audit", ["object"])
    op.create_table(
        "audit_head",
        needed("id", sa.Integer()),
        needed("number", sa.BigInteger()),
        needed("hash", DIGEST),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
    )
    op.create_table(
        "idempotency",
        needed("key", DIGEST),
        needed("content_key", DIGEST),
        sa.Column("outcome", sa.Text()),
        needed("created_at", MOMENT),
        sa.PrimaryKeyConstraint("key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])
    op.create_table(
        "metrics",
        needed("day", sa.Date()),
        needed("counters", sa.Text()),
        sa.PrimaryKeyConstraint("day", name="pk_metrics"),
    )


def _nodes() -> None:
    op.create_table(
        "nodes",
        needed("name", NAME),
        sa.Column("base_url", sa.Text()),
        sa.Column("country", sa.String(length=2)),
        sa.Column("jurisdiction", WORD),
        sa.Column("transfer_basis", sa.Text()),
        needed("enabled", sa.Boolean()),
        sa.Column("version", sa.String(length=10)),
        sa.Column("start_offset", sa.Integer()),
        sa.Column("declared_cases", sa.Integer()),
        sa.Column("outbound_token", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("name", name="pk_nodes"),
    )
    op.create_table(
        "tokens",
        needed("hash", DIGEST),
        needed("node", NAME),
        needed("scope", WORD),
        needed("created_at", MOMENT),
        needed("expires_at", MOMENT),
        sa.ForeignKeyConstraint(["node"], ["nodes.name"], name="fk_tokens_node", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hash", name="pk_tokens"),
    )
    op.create_index("ix_tokens_node", "tokens", ["node"])
    op.create_table(
        "budgets",
        needed("node", NAME),
        needed("period", sa.String(length=10)),
        needed("started_at", MOMENT),
        needed("spent", sa.Integer()),
        sa.PrimaryKeyConstraint("node", "period", name="pk_budgets"),
    )


def _exchanges() -> None:
    op.create_table(
        "exchanges",
        needed("id", ID),
        needed("node", NAME),
        needed("direction", sa.String(length=10)),
        needed("kind", WORD),
        needed("at", MOMENT),
        needed("status", WORD),
        needed("n_results", sa.Integer()),
        sa.Column("fingerprint", DIGEST),
        needed("seconds", sa.Float()),
        needed("test", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name="pk_exchanges"),
    )
    op.create_index("ix_exchanges_node_direction_at", "exchanges", ["node", "direction", "at"])
    op.create_table(
        "genes_matched",
        needed("gene", sa.String(length=255)),
        sa.PrimaryKeyConstraint("gene", name="pk_genes_matched"),
    )
    op.create_table(
        "ledger",
        needed("node", NAME),
        needed("case_id", ID),
        needed("fingerprint", DIGEST),
        needed("first_at", MOMENT),
        needed("last_at", MOMENT),
        needed("times", sa.Integer()),
        sa.PrimaryKeyConstraint("node", "case_id", "fingerprint", name="pk_ledger"),
    )
    op.create_index("ix_ledger_case_id", "ledger", ["case_id"])


def _results() -> None:
    op.create_table(
        "matches",
        needed("id", ID),
        needed("case_id", ID),
        needed("node", NAME),
        needed("other_id", sa.String(length=255)),
        sa.Column("other_case", ID),
        needed("asked_by_us", sa.Boolean()),
        needed("total", sa.Float()),
        needed("phenotype", sa.Float()),
        needed("genotype", sa.Float()),
        needed("release", NAME),
        needed("scoring", NAME),
        needed("calibration", NAME),
        needed("status", WORD),
        needed("first_seen", MOMENT),
        needed("last_seen", MOMENT),
        sa.Column("told", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_matches_case_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_case"], ["cases.id"], name="fk_matches_other_case", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_matches"),
        sa.UniqueConstraint("case_id", "node", "other_id", name="uq_matches_case_id_node_other_id"),
    )
    op.create_index("ix_matches_last_seen", "matches", ["last_seen"])
    op.create_index("ix_matches_other_case", "matches", ["other_case"])
    op.create_table(
        "work",
        needed("id", ID),
        needed("kind", sa.String(length=40)),
        needed("case_id", ID),
        needed("node", NAME),
        needed("version", sa.Integer()),
        needed("due_at", MOMENT),
        needed("attempts", sa.Integer()),
        sa.Column("lease_until", MOMENT),
        sa.Column("lease", ID),
        sa.Column("last_error", sa.String(length=200)),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_work_case_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_work"),
        sa.UniqueConstraint("kind", "case_id", "node", name="uq_work_kind_case_id_node"),
    )
    op.create_index("ix_work_due_at", "work", ["due_at"])
