"""Probability of matches: what findings and genes say of the same disease gene, and among how many cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("matches") as table:
        table.add_column(sa.Column("phenotype_ratio", sa.Float()))
        table.add_column(sa.Column("gene_ratio", sa.Float()))
        table.add_column(sa.Column("n_searched", sa.Integer()))


def downgrade() -> None:
    with op.batch_alter_table("matches") as table:
        for name in ("n_searched", "gene_ratio", "phenotype_ratio"):
            table.drop_column(name)
