"""Nonces of signed requests, each good once: in the database, so that no process takes what another one took."""

from __future__ import annotations

import datetime as dt
import hashlib

from sqlalchemy import Connection, delete

from matchmaker.model import NodeName
from matchmaker.store import dialects
from matchmaker.store.exchange_tables import nonces


def use(db: Connection, node: NodeName, nonce: str, *, until: dt.datetime) -> bool:
    """Use up a node's nonce, remembered until what it was signed with has expired; False when it was used before."""
    row = {"node": node, "nonce_key": hashlib.sha256(nonce.encode()).hexdigest(), "expires_at": until}
    used = dialects.insert(db, nonces).on_conflict_do_nothing().returning(nonces.c.node)
    return db.execute(used, row).first() is not None


def forget_before(db: Connection, moment: dt.datetime) -> int:
    """Drop those whose signatures have expired; return how many."""
    return db.execute(delete(nonces).where(nonces.c.expires_at < moment)).rowcount
