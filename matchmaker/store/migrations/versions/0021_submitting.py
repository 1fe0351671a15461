"""What applies to records that a program sends without a level or a legal basis."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("api_tokens") as table:
        table.add_column(sa.Column("sharing", sa.String(20), nullable=False, server_default="private"))
        table.add_column(sa.Column("basis", sa.String(255)))


def downgrade() -> None:
    with op.batch_alter_table("api_tokens") as table:
        table.drop_column("basis")
        table.drop_column("sharing")
