"""What the curator decided about obsolete terms that have no single replacement."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "term_choices",
        sa.Column("term", sa.String(20), nullable=False),
        sa.Column("replacement", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("term", name="pk_term_choices"),
    )


def downgrade() -> None:
    op.drop_table("term_choices")
