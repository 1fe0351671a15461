"""Notices about cases: who was asked with a case, who is to be told what became of it, and what others told us."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.String(32)
NODE = sa.String(100)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("nodes") as table:
        table.add_column(sa.Column("operator_mail", sa.LargeBinary()))
        table.add_column(sa.Column("kin", sa.Boolean()))
    with op.batch_alter_table("matches") as table:
        table.add_column(sa.Column("outdated_at", MOMENT))
    op.create_index("ix_matches_node_other_id", "matches", ["node", "other_id"])
    op.create_table(
        "sent_cases",
        needed("node", NODE),
        needed("case_id", ID),
        needed("first_at", MOMENT),
        needed("last_at", MOMENT),
        needed("times", sa.Integer()),
        needed("level", sa.String(20)),
        sa.PrimaryKeyConstraint("node", "case_id", name="pk_sent_cases"),
    )
    op.create_index("ix_sent_cases_case_id", "sent_cases", ["case_id"])
    _case_notices()
    _received()


def downgrade() -> None:
    for name in ("received_about", "received_notices", "case_notices", "sent_cases"):
        op.drop_table(name)
    op.drop_index("ix_matches_node_other_id", "matches")
    with op.batch_alter_table("matches") as table:
        table.drop_column("outdated_at")
    with op.batch_alter_table("nodes") as table:
        table.drop_column("kin")
        table.drop_column("operator_mail")


def needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _case_notices() -> None:
    op.create_table(
        "case_notices",
        needed("id", ID),
        needed("node", NODE),
        needed("case_id", ID),
        needed("kind", sa.String(20)),
        needed("state", sa.String(20)),
        needed("created_at", MOMENT),
        sa.Column("told_at", MOMENT),
        sa.Column("reply", sa.Text()),
        sa.Column("replied_at", MOMENT),
        needed("due_at", MOMENT),
        needed("attempts", sa.Integer()),
        sa.Column("lease_until", MOMENT),
        sa.Column("lease", ID),
        sa.Column("last_error", sa.String(200)),
        sa.PrimaryKeyConstraint("id", name="pk_case_notices"),
    )
    for column in ("node", "case_id", "due_at"):
        op.create_index(f"ix_case_notices_{column}", "case_notices", [column])


def _received() -> None:
    op.create_table(
        "received_notices",
        needed("node", NODE),
        needed("id", ID),
        needed("kind", sa.String(20)),
        needed("other_id", sa.String(255)),
        needed("at", MOMENT),
        needed("n_matches", sa.Integer()),
        sa.PrimaryKeyConstraint("node", "id", name="pk_received_notices"),
    )
    op.create_index("ix_received_notices_at", "received_notices", ["at"])
    op.create_table(
        "received_about",
        needed("node", NODE),
        needed("notice_id", ID),
        needed("case_id", ID),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_received_about_case_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["node", "notice_id"],
            ["received_notices.node", "received_notices.id"],
            name="fk_received_about_node_notice_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("node", "notice_id", "case_id", name="pk_received_about"),
    )
    op.create_index("ix_received_about_case_id", "received_about", ["case_id"])
