"""Brokered contact: aliases under which a case's owner can be written to, and the letters."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.String(32)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "relays",
        needed("alias_key", sa.String(64)),
        *_conversation(),
        needed("for_owner", sa.Boolean()),
        needed("expires_at", MOMENT),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_relays_case_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alias_key", name="pk_relays"),
    )
    for column in ("case_id", "expires_at"):
        op.create_index(f"ix_relays_{column}", "relays", [column])
    op.create_table(
        "messages",
        needed("id", ID),
        *_conversation(),
        needed("by_us", sa.Boolean()),
        needed("at", MOMENT),
        needed("sealed", sa.LargeBinary()),
        needed("state", sa.String(20)),
        needed("expires_at", MOMENT),
        needed("due_at", MOMENT),
        needed("attempts", sa.Integer()),
        sa.Column("lease_until", MOMENT),
        sa.Column("lease", ID),
        sa.Column("last_error", sa.String(200)),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_messages_case_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_index("ix_messages_case_id_node_other_id", "messages", ["case_id", "node", "other_id"])
    for column in ("expires_at", "due_at"):
        op.create_index(f"ix_messages_{column}", "messages", [column])


def downgrade() -> None:
    op.drop_table("messages")
    op.drop_table("relays")


def needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _conversation() -> list[sa.Column[Any]]:
    return [needed("case_id", ID), needed("node", sa.String(100)), needed("other_id", sa.String(255))]
