"""When an operator said to have seen an alarm."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("alarms") as table:
        table.add_column(sa.Column("acknowledged_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("alarms") as table:
        table.drop_column("acknowledged_at")
