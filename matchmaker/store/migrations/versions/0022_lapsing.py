"""When the consent given for a child lapses, and when the status of a case was confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cases") as table:
        table.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("lapses_on", sa.Date()))
    op.create_index("ix_cases_lapses_on", "cases", ["lapses_on"])


def downgrade() -> None:
    op.drop_index("ix_cases_lapses_on", "cases")
    with op.batch_alter_table("cases") as table:
        table.drop_column("lapses_on")
        table.drop_column("confirmed_at")
