"""Guided pairing: invitations, and how far each is."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pairings",
        needed("id", sa.String(32)),
        needed("name", sa.String(100)),
        needed("state", sa.String(20)),
        needed("failures", sa.Integer()),
        needed("expires_at", sa.DateTime(timezone=True)),
        needed("sealed", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_pairings"),
    )
    op.create_index("ix_pairings_name", "pairings", ["name"])


def downgrade() -> None:
    op.drop_table("pairings")


def needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
