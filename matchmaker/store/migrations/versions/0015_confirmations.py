"""That the other side of a match confirmed it: told, kept, and made known to the owner."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("matches") as table:
        table.add_column(sa.Column("confirmed_there_at", sa.DateTime(timezone=True)))
    with op.batch_alter_table("case_notices") as table:
        table.add_column(sa.Column("other_id", sa.String(255)))
    with op.batch_alter_table("notifications") as table:
        table.add_column(sa.Column("kind", sa.String(20), nullable=False, server_default="found"))


def downgrade() -> None:
    with op.batch_alter_table("notifications") as table:
        table.drop_column("kind")
    with op.batch_alter_table("case_notices") as table:
        table.drop_column("other_id")
    with op.batch_alter_table("matches") as table:
        table.drop_column("confirmed_there_at")
