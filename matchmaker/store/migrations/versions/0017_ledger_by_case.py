"""The disclosure ledger in one tree, by case: an answer to a node writes some sixty lines in places far apart.

In SQLite a table with rows of their own, a key and an index took three times as many pages for each line.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID, NAME, MOMENT = sa.String(32), sa.String(100), sa.DateTime(timezone=True)
BY_CASE, BY_NODE = ["case_id", "node", "fingerprint"], ["node", "case_id", "fingerprint"]


def upgrade() -> None:
    _keyed_by(BY_CASE, in_one_tree=True)


def downgrade() -> None:
    _keyed_by(BY_NODE, in_one_tree=False)


def _keyed_by(key: Sequence[str], *, in_one_tree: bool) -> None:
    if in_one_tree:
        op.drop_index("ix_ledger_case_id", "ledger")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("pk_ledger", "ledger")
        op.create_primary_key("pk_ledger", "ledger", list(key))
    else:
        _make_anew("ledger", _ledger(), key, in_one_tree=in_one_tree)
        op.drop_index("ix_revealed_node_first_at", "revealed")
        _make_anew("revealed", _revealed(), ["node", "case_id"], in_one_tree=in_one_tree)
        op.create_index("ix_revealed_node_first_at", "revealed", ["node", "first_at"])
    if not in_one_tree:
        op.create_index("ix_ledger_case_id", "ledger", ["case_id"])


def _make_anew(name: str, columns: list[sa.Column[object]], key: Sequence[str], *, in_one_tree: bool) -> None:
    names = ", ".join(column.name for column in columns)
    made = f"{name}_made"
    op.create_table(made, *columns, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"), sqlite_with_rowid=not in_one_tree)
    ordered = ", ".join(key)
    op.execute(f"INSERT INTO {made} ({names}) SELECT {names} FROM {name} ORDER BY {ordered}")  # noqa: S608 - our own names
    op.drop_table(name)
    op.rename_table(made, name)


def _ledger() -> list[sa.Column[object]]:
    return [
        sa.Column("node", NAME, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("extent", sa.String(60)),
    ]


def _revealed() -> list[sa.Column[object]]:
    return [
        sa.Column("node", NAME, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
    ]
