"""A backup of the node: everything in its database at one moment, and what belongs to it in the home."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matchmaker import __version__, archive, audit, erasures, releases, sealed_keys, term_names
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.service import Matchmaker
from matchmaker.store import adopted, checkpoints, clock, dump, marks, schema, tombstones
from matchmaker.store import audit as stored_audit

KEYS = "keys.json"
LAST_BACKUP = "last backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What was written, and compared with its hash after it was."""

    path: Path
    digest: str
    n_rows: Mapping[str, int]
    with_keys: bool


def backup(mm: Matchmaker, path: Path, *, by: User, passphrase: str | None = None) -> Backup:
    """Write the node to a file while it goes on working; the keys are in it only under a passphrase.

    Raises
    ------
    Unavailable
        When the file is there already or cannot be written.
    Invalid
        When the passphrase is too short.
    """
    require(by, Action.BACK_UP)
    at = dt.datetime.now(dt.UTC)
    sealed = None if passphrase is None else sealed_keys.seal(mm.keys, passphrase)
    with archive.writing(path) as file:
        # The files first: whatever they say of the database is in the moment that is read afterwards.
        for name in (checkpoints.FILE, erasures.FILE):
            if (mm.settings.home / name).exists():
                file.add(name, (mm.settings.home / name).read_bytes())
        with mm.reading() as db:
            now, head = clock.read(db), stored_audit.head(db)
            n_rows = {name: file.add_lines(_member(name), dump.lines(db, name)) for name in dump.names()}
            used = {checksum for checksum in (adopted.read(db).checksum, adopted.before(db)) if checksum}
            known_erasures = tombstones.all_(db)
            key_check = clock.key_check(db)
        for kept in (
            *releases.files(mm.settings, used),
            *term_names.files(mm.settings, {*used, mm.release.checksum}),
        ):
            file.add(f"releases/{kept.name}", kept.read_bytes())
        if sealed is not None:
            file.add(KEYS, sealed)
        digest = file.finish(
            {
                "made_at": at.isoformat(timespec="seconds"),
                "program": __version__,
                "tables_of": schema.HEAD,
                "node": mm.settings.node_id,
                "epoch": now.epoch,
                "revision": now.revision,
                "key_check": key_check,
                "audit": {"entries": head.number, "hash": head.hash},
                "keys": sealed is not None,
                "rows": n_rows,
            }
        )
    # Erasures that were noted nowhere else, for whoever restores an older backup in this home.
    erasures.note(mm.settings.home, mm.keys, known_erasures - erasures.read(mm.settings.home, mm.keys))
    with mm.transaction() as db:
        marks.put(db, LAST_BACKUP, at.isoformat(timespec="seconds"))
        audit.record(db, by, "backup made", details={"rows": sum(n_rows.values()), "sha256": digest[:40]})
    return Backup(path=path, digest=digest, n_rows=n_rows, with_keys=sealed is not None)


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"
