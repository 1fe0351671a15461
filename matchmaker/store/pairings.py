"""Invitations to other nodes and how far each pairing is; what is secret in them is sealed, and goes when it ends."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from matchmaker.errors import NotFound
from matchmaker.model import NodeName
from matchmaker.store.engine import keys_of
from matchmaker.store.exchange_tables import pairings
from matchmaker.store.tables import AnyRow


class State(StrEnum):
    INVITED = "invited"  # nobody has accepted yet
    ACCEPTED = "accepted"  # both nodes have met; the operators are to compare the words
    CONFIRMED = "confirmed"  # by our operator
    DONE = "done"  # tokens are exchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """One pairing as this side has it; `secrets` are texts that only `federation.pairing` reads."""

    id: str
    name: NodeName
    state: State
    failures: int = 0
    expires_at: dt.datetime
    secrets: Mapping[str, str]


def add(db: Connection, pairing: Pairing) -> None:
    """Keep a new pairing; one with the same node that is not done is void."""
    db.execute(delete(pairings).where(pairings.c.name == pairing.name, pairings.c.state != State.DONE))
    db.execute(insert(pairings).values(id=pairing.id, name=pairing.name, **_changing(db, pairing)))


def change(db: Connection, pairing: Pairing) -> None:
    """Keep how far a pairing has come."""
    db.execute(update(pairings).where(pairings.c.id == pairing.id).values(**_changing(db, pairing)))


def get(db: Connection, pairing_id: str, *, at: dt.datetime) -> Pairing:
    """Return a pairing that has not expired; NotFound when there is none."""
    query = select(pairings).where(pairings.c.id == pairing_id, pairings.c.expires_at > at).with_for_update()
    row = db.execute(query).first()
    if row is None:
        raise NotFound("invitation", "of that code, or none any more,")
    return _pairing(db, row)


def of_node(db: Connection, name: NodeName, *, at: dt.datetime) -> Pairing:
    """Return the pairing with a node; NotFound when there is none, or none any more."""
    query = select(pairings).where(pairings.c.name == name, pairings.c.expires_at > at)
    row = db.execute(query.order_by(pairings.c.expires_at.desc()).limit(1)).first()
    if row is None:
        raise NotFound("pairing under way with", name)
    return _pairing(db, row)


def under_way(db: Connection, *, at: dt.datetime) -> list[Pairing]:
    """Return the pairings that are not done and have not expired, by name."""
    query = select(pairings).where(pairings.c.expires_at > at, pairings.c.state != State.DONE)
    return [_pairing(db, row) for row in db.execute(query.order_by(pairings.c.name))]


def forget_before(db: Connection, moment: dt.datetime) -> int:
    """Drop pairings that expired before; return how many."""
    return db.execute(delete(pairings).where(pairings.c.expires_at < moment)).rowcount


def _changing(db: Connection, pairing: Pairing) -> dict[str, object]:
    sealed = keys_of(db).seal(json.dumps(dict(pairing.secrets)).encode(), context=_context(pairing.id))
    return {
        "state": pairing.state,
        "failures": pairing.failures,
        "expires_at": pairing.expires_at,
        "sealed": sealed,
    }


def _pairing(db: Connection, row: AnyRow) -> Pairing:
    return Pairing(
        id=row.id,
        name=NodeName(row.name),
        state=State(row.state),
        failures=row.failures,
        expires_at=row.expires_at,
        secrets=json.loads(keys_of(db).open(row.sealed, context=_context(row.id))),
    )


def _context(pairing_id: str) -> str:
    return f"pairing {pairing_id}"
