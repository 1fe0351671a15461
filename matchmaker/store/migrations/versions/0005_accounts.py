"""Accounts: centres, who may sign in, sessions, one-time links, API tokens, and limits on guessing."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DIGEST = sa.String(64)
ID = sa.String(32)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _people()
    for name, columns in _held_by_accounts().items():
        op.create_table(
            name,
            *columns,
            needed("account_id", ID),
            sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=f"fk_{name}_account_id", ondelete="CASCADE"),
        )
        op.create_index(f"ix_{name}_account_id", name, ["account_id"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "attempts",
        needed("key", DIGEST),
        needed("failures", sa.Integer()),
        needed("since", MOMENT),
        sa.PrimaryKeyConstraint("key", name="pk_attempts"),
    )
    op.create_index("ix_attempts_since", "attempts", ["since"])


def downgrade() -> None:
    op.drop_table("attempts")
    for name in _held_by_accounts():
        op.drop_table(name)
    for name in ("accounts", "centres"):
        op.drop_table(name)


def needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _people() -> None:
    op.create_table(
        "centres",
        needed("id", ID),
        needed("name", sa.String(200)),
        needed("created_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_centres"),
        sa.UniqueConstraint("name", name="uq_centres_name"),
    )
    op.create_table(
        "accounts",
        needed("id", ID),
        needed("email_key", DIGEST),
        needed("email", sa.LargeBinary()),
        needed("role", sa.String(20)),
        sa.Column("centre_id", ID),
        needed("service", sa.Boolean()),
        needed("enabled", sa.Boolean()),
        sa.Column("password", sa.Text()),
        sa.Column("totp", sa.LargeBinary()),
        sa.Column("totp_used", sa.BigInteger()),
        sa.Column("language", sa.String(10)),
        needed("created_at", MOMENT),
        sa.Column("signed_in_at", MOMENT),
        sa.ForeignKeyConstraint(["centre_id"], ["centres.id"], name="fk_accounts_centre_id"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("email_key", name="uq_accounts_email_key"),
    )
    op.create_index("ix_accounts_centre_id", "accounts", ["centre_id"])


def _held_by_accounts() -> dict[str, list[Any]]:
    """The tables whose rows go with the account that they belong to."""
    return {
        "recovery_codes": [needed("hash", DIGEST), sa.PrimaryKeyConstraint("hash", name="pk_recovery_codes")],
        "identities": [needed("subject_key", DIGEST), sa.PrimaryKeyConstraint("subject_key", name="pk_identities")],
        "sessions": [
            needed("hash", DIGEST),
            needed("id", ID),
            needed("complete", sa.Boolean()),
            needed("device", sa.LargeBinary()),
            needed("created_at", MOMENT),
            needed("seen_at", MOMENT),
            needed("expires_at", MOMENT),
            sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
            sa.UniqueConstraint("id", name="uq_sessions_id"),
        ],
        "links": [
            needed("hash", DIGEST),
            needed("purpose", sa.String(20)),
            needed("expires_at", MOMENT),
            sa.PrimaryKeyConstraint("hash", name="pk_links"),
        ],
        "api_tokens": [
            needed("hash", DIGEST),
            needed("id", ID),
            needed("name", sa.String(100)),
            needed("scopes", sa.Text()),
            needed("created_at", MOMENT),
            sa.Column("used_at", MOMENT),
            needed("expires_at", MOMENT),
            sa.PrimaryKeyConstraint("hash", name="pk_api_tokens"),
            sa.UniqueConstraint("id", name="uq_api_tokens_id"),
        ],
    }
