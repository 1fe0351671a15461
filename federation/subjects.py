"""All that the node holds about one case, for the person that it is about (GDPR art. 15 and 20)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from federation import ledger
from federation.schemas import write_case
from matchmaker import audit
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import Unavailable
from matchmaker.model import CaseId
from matchmaker.service import Matchmaker
from matchmaker.store import cases as stored_cases
from matchmaker.store import history, matches
from matchmaker.store.audit import Entry


def export(mm: Matchmaker, case_id: CaseId, *, by: User) -> dict[str, Any]:
    """Gather it, and write down in the audit log that it was handed out.

    What another node told of its own case is about another person, and is not in it; who acted is a pseudonym.
    """
    with mm.reading() as db:
        stored = stored_cases.get(db, case_id)
        require(by, Action.EXPORT_SUBJECT, stored.case)
        earlier, found, entries = history.of_case(db, case_id), matches.of_case(db, case_id), audit.about(db, case_id)
    held = {
        "id": case_id,
        "created_at": stored.created_at.isoformat(),
        "updated_at": stored.updated_at.isoformat(),
        "case": write_case(stored.case, mm.release),
        "earlier_versions": [
            {"version": old.version, "since": old.updated_at.isoformat(), "case": write_case(old.case, mm.release)}
            for old in earlier
        ],
        "told_to_nodes": [
            {
                "node": line.node,
                "first_at": line.first_at.isoformat(),
                "last_at": line.last_at.isoformat(),
                "times": line.times,
                "told": line.told.extent,
            }
            for line in ledger.seen(mm, case_id)
        ],
        "asked_of_nodes": [
            {
                "node": sent.node,
                "first_at": sent.first_at.isoformat(),
                "last_at": sent.last_at.isoformat(),
                "times": sent.times,
                "level": sent.level,
            }
            for sent in ledger.asked(mm, case_id)
        ],
        "matches": [
            {
                "node": match.finding.node or mm.settings.node_id,
                "score": match.finding.score.total,
                "release": match.finding.release,
                "status": match.status,
                "confirmed_there_at": match.confirmed_there_at and match.confirmed_there_at.isoformat(),
                "first_seen": match.first_seen.isoformat(),
                "last_seen": match.last_seen.isoformat(),
            }
            for match in found
        ],
        "audit": [_entry(entry) for entry in entries],
    }
    with mm.transaction() as db:
        audit.record(db, by, "subject data exported", case_id=case_id)
    return held


def write(held: dict[str, Any], path: Path) -> None:
    """Put it into a new file that its owner alone can read.

    Raises
    ------
    Unavailable
        When there is a file already, or it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(held, file, indent=2, ensure_ascii=False)
    except OSError as error:
        why = error.strerror or "it cannot be written"
        raise Unavailable(f"file {path}", why, "give another name, or make room") from error


def _entry(entry: Entry) -> dict[str, Any]:
    event = entry.event
    stated = {"at": event.at.isoformat(), "who": event.actor, "what": event.action, "node": event.node}
    return {**stated, "details": dict(event.details)}
