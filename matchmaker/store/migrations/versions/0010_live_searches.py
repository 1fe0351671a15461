"""Live searches: which nodes were asked with a case just now, and how each answered."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.String(32)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "searches",
        needed("id", ID),
        needed("case_id", ID),
        needed("started_at", MOMENT),
        needed("ends_at", MOMENT),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_searches_case_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_searches"),
    )
    op.create_index("ix_searches_case_id", "searches", ["case_id"])
    op.create_index("ix_searches_started_at", "searches", ["started_at"])
    op.create_table(
        "search_answers",
        needed("search_id", ID),
        needed("node", sa.String(100)),
        needed("state", sa.String(20)),
        needed("seconds", sa.Float()),
        needed("n_results", sa.Integer()),
        needed("n_dropped", sa.Integer()),
        sa.Column("error", sa.Text()),
        needed("match_ids", sa.Text()),
        sa.ForeignKeyConstraint(["search_id"], ["searches.id"], name="fk_search_answers_search_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("search_id", "node", name="pk_search_answers"),
    )


def downgrade() -> None:
    op.drop_table("search_answers")
    op.drop_table("searches")


def needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
