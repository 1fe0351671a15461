"""What an import would store, shown and not stored yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dry_runs",
        sa.Column("account_id", sa.String(32), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_dry_runs"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_dry_runs_account_id", ondelete="CASCADE"),
    )
    op.create_index("ix_dry_runs_at", "dry_runs", ["at"])


def downgrade() -> None:
    op.drop_table("dry_runs")
