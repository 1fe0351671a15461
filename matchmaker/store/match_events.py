"""The history of a match at one centre: how its status changed, and what people noted; sealed, oldest first."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from matchmaker.store.alert_tables import match_events
from matchmaker.store.engine import keys_of
from matchmaker.store.matches import MatchStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that somebody did with a match; a note has no status, and what the other side did has `there`."""

    at: dt.datetime
    by: str
    text: str = ""
    status: MatchStatus | None = None
    there: bool = False


def add(db: Connection, match_id: str, event: Event) -> None:
    """Keep one more event of a match."""
    plain = json.dumps({"by": event.by, "text": event.text, "there": event.there}).encode()
    sealed = keys_of(db).seal(plain, context=_context(match_id))
    row = {"id": secrets.token_hex(16), "match_id": match_id, "at": event.at, "status": event.status, "sealed": sealed}
    db.execute(insert(match_events).values(row))


def of_match(db: Connection, match_id: str) -> list[Event]:
    """Return what happened, oldest first."""
    query = select(match_events).where(match_events.c.match_id == match_id)
    events = []
    for row in db.execute(query.order_by(match_events.c.at, match_events.c.id)):
        said = json.loads(keys_of(db).open(row.sealed, context=_context(match_id)))
        status = None if row.status is None else MatchStatus(row.status)
        there = bool(said.get("there"))  # rows from before the other side was heard have none
        events.append(Event(at=row.at, by=said["by"], text=said["text"], status=status, there=there))
    return events


def why_set_aside(db: Connection, match_ids: Collection[str]) -> dict[str, str]:
    """Return the reason that was given last, for each of these matches that was set aside; at most 500."""
    aside = match_events.c.match_id.in_(list(match_ids)[:500]) & (match_events.c.status == MatchStatus.DISMISSED)
    why = {}
    for row in db.execute(select(match_events).where(aside).order_by(match_events.c.at)):
        why[row.match_id] = str(json.loads(keys_of(db).open(row.sealed, context=_context(row.match_id)))["text"])
    return why


def _context(match_id: str) -> str:
    return f"event of match {match_id}"
