"""The tables of who may sign in: accounts, sessions, links, API tokens, limits on guessing; what is unsaved."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from matchmaker.store.tables import CASE_ID, DIGEST, Moment, metadata

ID = CASE_ID  # 128 random bits in hexadecimal


def _account() -> Column[str]:
    """A reference whose row goes with the account."""
    return Column("account_id", ID, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True)


centres = Table(
    "centres",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("email_key", DIGEST, nullable=False, unique=True),
    Column("email", LargeBinary, nullable=False),  # sealed
    Column("role", String(20), nullable=False),
    Column("centre_id", ID, ForeignKey("centres.id"), index=True),
    Column("service", Boolean, nullable=False),  # a program, which has API tokens and never a password
    Column("enabled", Boolean, nullable=False),
    Column("password", Text),  # argon2id
    Column("totp", LargeBinary),  # sealed
    Column("totp_used", BigInteger),  # the last time step whose code was taken: none is good twice
    Column("language", String(10)),
    Column("created_at", Moment, nullable=False),
    Column("signed_in_at", Moment),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("hash", DIGEST, primary_key=True),
    _account(),
)

identities = Table(
    "identities",
    metadata,
    Column("subject_key", DIGEST, primary_key=True),  # the pseudonym of an identity provider and its name for somebody
    _account(),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", DIGEST, primary_key=True),  # SHA-256; the token itself has 256 random bits
    Column("id", ID, nullable=False, unique=True),
    _account(),
    Column("complete", Boolean, nullable=False),  # False: the second factor is still asked for
    Column("device", LargeBinary, nullable=False),  # sealed: what the browser says it is, and its address
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)

links = Table(
    "links",
    metadata,
    Column("hash", DIGEST, primary_key=True),
    _account(),
    Column("purpose", String(20), nullable=False),
    Column("expires_at", Moment, nullable=False),
)

password_requests = Table(
    "password_requests",
    metadata,
    Column("account_id", ID, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("due_at", Moment, nullable=False, index=True),  # also how long the worker that mails it holds it
    Column("attempts", Integer, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", DIGEST, primary_key=True),  # the pseudonym of an account's or a caller's address
    Column("failures", Integer, nullable=False),
    Column("since", Moment, nullable=False, index=True),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("hash", DIGEST, primary_key=True),
    Column("id", ID, nullable=False, unique=True),
    _account(),
    Column("name", String(100), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("sharing", String(20), nullable=False, server_default="private"),
    Column("basis", String(255)),
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("expires_at", Moment, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("account_id", ID, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("about", ID, primary_key=True),  # the case that is edited, or "new"
    Column("at", Moment, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
)

dry_runs = Table(
    "dry_runs",
    metadata,
    Column("account_id", ID, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("id", ID, nullable=False),  # which one: a page may show an older one
    Column("at", Moment, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
)
