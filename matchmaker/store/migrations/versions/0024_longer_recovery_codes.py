"""Declare recovery codes of fifty bits spent: of so short a code a fast hash is no good place.

Pages say so to whoever has none left, and make new ones.
"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM recovery_codes")


def downgrade() -> None:
    """Keep the longer ones."""
