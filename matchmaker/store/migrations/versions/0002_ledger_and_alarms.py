"""When each node first learned of a case, and alarms for operators and owners."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.String(32)
MOMENT = sa.DateTime(timezone=True)
NAME = sa.String(100)

# What was told before this version counts as well.
BACKFILL = (
    "INSERT INTO revealed (node, case_id, first_at) SELECT node, case_id, min(first_at) FROM ledger "
    "GROUP BY node, case_id"
)


def upgrade() -> None:
    op.create_table(
        "revealed",
        sa.Column("node", NAME, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("node", "case_id", name="pk_revealed"),
    )
    op.create_index("ix_revealed_node_first_at", "revealed", ["node", "first_at"])
    op.execute(BACKFILL)
    op.add_column("ledger", sa.Column("extent", sa.String(length=60)))
    op.create_table(
        "alarms",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("node", NAME, nullable=False),
        sa.Column("case_id", ID),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("operator_told_at", MOMENT),
        sa.Column("owner_told_at", MOMENT),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_alarms_case_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
    )
    op.create_index("ix_alarms_case_id", "alarms", ["case_id"])
    op.create_index("ix_alarms_last_at", "alarms", ["last_at"])


def downgrade() -> None:
    op.drop_table("alarms")
    op.drop_column("ledger", "extent")
    op.drop_table("revealed")
