"""Standing searches and alerts: requests heard, who was told of what, and who wants which mails."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DIGEST = sa.String(64)
ID = sa.String(32)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "heard",
        needed("id", ID),
        needed("node", sa.String(100)),
        needed("at", MOMENT),
        needed("asked", sa.LargeBinary()),
        needed("told", sa.Text()),
        *_claimed(),
        sa.PrimaryKeyConstraint("id", name="pk_heard"),
    )
    op.create_index("ix_heard_due_at", "heard", ["due_at"])
    op.create_index("ix_heard_node", "heard", ["node"])
    _notifications()
    op.create_table(
        "alert_choices",
        needed("person", DIGEST),
        needed("choice", sa.String(20)),
        sa.Column("mailed_at", MOMENT),
        sa.PrimaryKeyConstraint("person", name="pk_alert_choices"),
    )
    op.create_table(
        "marks",
        needed("name", sa.String(40)),
        needed("value", sa.String(255)),
        sa.PrimaryKeyConstraint("name", name="pk_marks"),
    )


def downgrade() -> None:
    for name in ("marks", "alert_choices", "notifications", "heard"):
        op.drop_table(name)


def needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _notifications() -> None:
    op.create_table(
        "notifications",
        needed("id", ID),
        needed("person", DIGEST),
        needed("pair", DIGEST),
        needed("match_id", ID),
        needed("strong", sa.Boolean()),
        needed("state", sa.String(20)),
        needed("created_at", MOMENT),
        sa.Column("seen_at", MOMENT),
        sa.Column("mailed_at", MOMENT),
        *_claimed(),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name="fk_notifications_match_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint("person", "pair", name="uq_notifications_person_pair"),
    )
    op.create_index("ix_notifications_due_at", "notifications", ["due_at"])
    op.create_index("ix_notifications_match_id", "notifications", ["match_id"])


def _claimed() -> list[sa.Column[Any]]:
    return [
        needed("due_at", MOMENT),
        needed("attempts", sa.Integer()),
        sa.Column("lease_until", MOMENT),
        sa.Column("lease", ID),
        sa.Column("last_error", sa.String(200)),
    ]
