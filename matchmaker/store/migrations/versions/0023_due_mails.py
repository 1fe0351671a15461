"""Find the mails that are due without reading all that were sent."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_notifications_due_at", "notifications")
    op.create_index("ix_notifications_state_due_at", "notifications", ["state", "due_at"])


def downgrade() -> None:
    op.drop_index("ix_notifications_state_due_at", "notifications")
    op.create_index("ix_notifications_due_at", "notifications", ["due_at"])
