"""Tokens with which other nodes ask us: 256 random bits, shown once, only their SHA-256 is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from sqlalchemy import Connection, bindparam, delete, insert, select

from matchmaker.model import Node, NodeName
from matchmaker.store import nodes
from matchmaker.store.tables import nodes as nodes_table
from matchmaker.store.tables import tokens

LIFETIME = dt.timedelta(days=366)
_VALID = (
    (tokens.c.hash == bindparam("of_hash"))
    & (tokens.c.scope == bindparam("of_scope"))
    & (tokens.c.expires_at > bindparam("now"))
)
_NODE_OF_TOKEN = select(*nodes.FIELDS).join(tokens).where(_VALID & nodes_table.c.enabled)
_LIVE = 2  # the one in use and its successor, while a peer changes over


def issue(
    db: Connection, node: NodeName, *, at: dt.datetime, scope: str = "mme", lifetime: dt.timedelta = LIFETIME
) -> str:
    """Make a token for a registered node; the oldest goes when it had two that are still valid."""
    nodes.get(db, node)
    mine = (tokens.c.node == node) & (tokens.c.scope == scope)
    db.execute(delete(tokens).where(mine & (tokens.c.expires_at <= at)))
    newest_first = select(tokens.c.hash).where(mine).order_by(tokens.c.created_at.desc(), tokens.c.hash)
    _forget(db, list(db.scalars(newest_first))[_LIVE - 1 :])
    token = secrets.token_urlsafe(32)
    db.execute(
        insert(tokens).values(hash=_hash(token), node=node, scope=scope, created_at=at, expires_at=at + lifetime)
    )
    return token


def node_of_token(db: Connection, token: str, *, at: dt.datetime, scope: str = "mme") -> Node | None:
    """Return the node that may ask with this token; None when it is not valid, or its node is disabled."""
    # Looked up by hash: how long the comparison takes says nothing about the token.
    row = db.execute(_NODE_OF_TOKEN, {"of_hash": _hash(token), "of_scope": scope, "now": at}).first()
    return None if row is None else nodes.node_of(db, row)


def live(db: Connection, node: NodeName, *, at: dt.datetime) -> list[tuple[dt.datetime, dt.datetime]]:
    """Return of each token with which a node may ask when it was made and when it ends, the newest first."""
    mine = (tokens.c.node == node) & (tokens.c.expires_at > at)
    query = select(tokens.c.created_at, tokens.c.expires_at).where(mine).order_by(tokens.c.created_at.desc())
    return [(row.created_at, row.expires_at) for row in db.execute(query)]


def revoke(db: Connection, node: NodeName) -> int:
    """Take all tokens of a node away; return how many it had."""
    return db.execute(delete(tokens).where(tokens.c.node == node)).rowcount


def _forget(db: Connection, hashes: list[str]) -> None:
    if hashes:
        db.execute(delete(tokens).where(tokens.c.hash.in_(hashes)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
