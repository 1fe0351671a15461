"""When the owner of a case was last told by mail that its person comes of age."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cases") as table:
        table.add_column(sa.Column("lapse_told_on", sa.Date()))


def downgrade() -> None:
    with op.batch_alter_table("cases") as table:
        table.drop_column("lapse_told_on")
