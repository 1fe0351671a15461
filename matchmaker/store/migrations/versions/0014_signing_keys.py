"""Signing keys of other nodes, and whether their requests must be signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("nodes") as table:
        table.add_column(sa.Column("signing_key", sa.String(64)))
        table.add_column(sa.Column("must_sign", sa.Boolean()))


def downgrade() -> None:
    with op.batch_alter_table("nodes") as table:
        table.drop_column("must_sign")
        table.drop_column("signing_key")
