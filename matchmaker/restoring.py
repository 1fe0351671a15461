"""Putting a backup in the place of what a node holds. Nothing goes out before an operator enables the nodes again."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from matchmaker import archive, audit, erasures, sealed_keys
from matchmaker.actors import User
from matchmaker.archive import Reader
from matchmaker.authorise import Action, require
from matchmaker.backup import KEYS
from matchmaker.backup import backup as write_backup
from matchmaker.errors import Unavailable
from matchmaker.keys import Keys
from matchmaker.model import CaseId
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import audit as stored_audit
from matchmaker.store import cases as stored_cases
from matchmaker.store import checkpoints, clock, dump, engine, nodes, schema, tombstones
from matchmaker.store.engine import Connection, Engine

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What is there now, and what is not."""

    made_at: str
    n_rows: Mapping[str, int]
    lost: Mapping[str, int]  # rows of tables that cannot be read without the keys
    n_erased_again: int
    n_nodes: int  # all of them disabled
    n_audit_entries_missing: int  # that were signed here and are not in the backup
    kept: Path | None = None  # a backup of what was here


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """Where the backup goes; `sealed`: its keys are here."""

    home: Path
    engine: Engine
    keys: Keys
    sealed: bool


def verify(path: Path) -> Reader:
    """Compare a backup with its hash; return what it says of itself.

    Raises
    ------
    Unavailable
        When it is damaged, or none.
    """
    with archive.reading(path) as backup:
        return backup


def restore(
    settings: Settings,
    path: Path,
    *,
    by: User,
    passphrase: str | None = None,
    without_keys: bool = False,
    erased_since: Path | None = None,
) -> Restored:
    """Replace all that the node holds by a backup; cases that were erased since stay erased.

    Parameters
    ----------
    without_keys : bool
        Restore what can be read without the keys, and make new ones.
    erased_since : Path or None
        A copy of another home's `erasures.jsonl`, where that home is lost.

    Raises
    ------
    Unavailable
        When the backup is damaged, of another version, or its keys are not here.
    Invalid
        When the passphrase is another one.
    """
    require(by, Action.BACK_UP)
    with archive.reading(path) as backup:
        _require_version(path, backup)
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys, sealed = _keys(settings, backup, passphrase, without_keys=without_keys)
        _put_releases(settings, backup)
        opened = engine.open_engine(settings.database, keys)
        target = _Target(home=settings.home, engine=opened, keys=keys, sealed=sealed)
        try:
            engine.make_file(settings.database)
            schema.upgrade(opened)
            kept = _keep_present(settings, target, by=by)
            erased = _erased(target, backup, erased_since)
            restored = _replace(target, backup, erased=erased, by=by)
            engine.truncate_log(opened)
        finally:
            opened.dispose()
    erasures.note(settings.home, keys, erased - erasures.read(settings.home, keys))
    return replace(restored, kept=kept)


def _require_version(path: Path, backup: Reader) -> None:
    made_with = backup.manifest["tables_of"]
    if made_with != schema.HEAD:
        why = f"version {backup.manifest['program']} made it, with tables {made_with}; this program has {schema.HEAD}"
        raise Unavailable(f"backup {path}", why, "restore it with that version, then update and run `matchmaker init`")


def _keys(settings: Settings, backup: Reader, passphrase: str | None, *, without_keys: bool) -> tuple[Keys, bool]:
    """Return the node's keys, in place, and whether they open what the backup seals."""
    folder = settings.home / "keys"
    wanted = backup.manifest["key_check"]
    if folder.is_dir() and (here := Keys.load(folder)).pseudonym(schema.KEY_CHECK) == wanted:
        return here, True
    if backup.manifest["keys"] and passphrase is not None:
        keys = sealed_keys.open_(backup.read(KEYS), passphrase)
        _set_aside(folder)
        keys.save(folder)
        return keys, True
    if without_keys:
        return Keys.create(folder), False
    kept = "give the passphrase of its keys" if backup.manifest["keys"] else "put the folder keys/ of that node here"
    lost = ", ".join(f"{n:,} {name}" for name, n in _lost(backup).items())
    raise Unavailable(
        "the backup",
        f"its keys are not in {folder}, and without them these cannot be read: {lost}",
        f"{kept}, or restore the rest with --without-keys",
    )


def _lost(backup: Reader) -> dict[str, int]:
    rows: Mapping[str, int] = backup.manifest["rows"]
    return {name: n for name, n in rows.items() if n and name not in dump.READABLE}


def _set_aside(path: Path) -> None:
    """Keep what is replaced under another name: nothing of a node is ever overwritten."""
    if path.exists():
        path.rename(path.with_name(f"{path.name}-before-{_stamp()}"))


def _stamp() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f")


def _put_releases(settings: Settings, backup: Reader) -> None:
    for member in backup.names("releases/"):
        target = settings.home / "releases" / Path(member).name
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(backup.read(member))


def _keep_present(settings: Settings, target: _Target, *, by: User) -> Path | None:
    """Back up what is here, if there are cases, before it is replaced."""
    with engine.reading(target.engine) as db:
        if stored_cases.count(db) == 0 or clock.key_check(db) != target.keys.pseudonym(schema.KEY_CHECK):
            return None
    path = settings.home / f"before-restore-{_stamp()}.backup"
    with contextlib.closing(Matchmaker.open(settings)) as mm:
        return write_backup(mm, path, by=by).path


def _erased(target: _Target, backup: Reader, erased_since: Path | None) -> set[CaseId]:
    """All cases of which anything here says that they were erased."""
    keys = target.keys
    with engine.reading(target.engine) as db:
        found = tombstones.all_(db)
    found |= erasures.read(target.home, keys)
    if erasures.FILE in backup.names():
        found |= erasures.parse(backup.read(erasures.FILE).splitlines(), keys)
    if erased_since is not None:
        found |= erasures.parse(erased_since.read_bytes().splitlines(), keys)
    return found


def _replace(target: _Target, backup: Reader, *, erased: Collection[CaseId], by: User) -> Restored:
    at = dt.datetime.now(dt.UTC)
    with engine.transaction(target.engine) as db:
        keeps_log = target.sealed and _goes_on(db, backup)
        n_rows = _fill(db, backup, keeps_log=keeps_log, sealed=target.sealed)
        clock.restart(db, key_check=target.keys.pseudonym(schema.KEY_CHECK))
        n_erased = tombstones.apply(db, erased, at=at)
        n_nodes = nodes.disable_all(db)
        n_missing = 0 if keeps_log else _put_checkpoints(target, backup)
        details: dict[str, int | str] = {
            "sha256": backup.digest[:40],
            "erased_again": n_erased,
            "entries_missing": n_missing,
        }
        audit.record(db, by, "backup restored", details=details)
    checkpoints.Signer(target.home, target.keys).sign(target.engine, at=at)
    return Restored(
        made_at=backup.manifest["made_at"],
        n_rows=n_rows,
        lost={} if target.sealed else _lost(backup),
        n_erased_again=n_erased,
        n_nodes=n_nodes,
        n_audit_entries_missing=n_missing,
    )


def _goes_on(db: Connection, backup: Reader) -> bool:
    """Say whether the audit log that is here begins with that of the backup: then it is kept, and not cut off."""
    stated = backup.manifest["audit"]
    return bool(stored_audit.hash_at(db, stated["entries"]) == stated["hash"])


def _fill(db: Connection, backup: Reader, *, keeps_log: bool, sealed: bool) -> dict[str, int]:
    kept = {"audit", "audit_head"} if keeps_log else set()
    dump.clear(db, but=kept)
    n_rows = {}
    for name in dump.names():
        if name not in kept and (sealed or name in dump.READABLE):
            n_rows[name] = dump.fill(db, name, backup.lines(f"tables/{name}.jsonl"), sealed=sealed)
            if n_rows[name] != backup.manifest["rows"][name]:
                raise Unavailable("the backup", f"rows of {name} are missing", "use another one")
    return n_rows


def _put_checkpoints(target: _Target, backup: Reader) -> int:
    """Put the signatures in place that belong to the restored log; return how many entries only the others signed."""
    path = target.home / checkpoints.FILE
    signed = checkpoints.read(target.home, target.keys).checkpoints
    _set_aside(path)
    if checkpoints.FILE in backup.names():
        path.write_bytes(backup.read(checkpoints.FILE))
        path.chmod(0o600)
    last = max((checkpoint.number for checkpoint in signed), default=0)
    n_missing: int = max(0, last - backup.manifest["audit"]["entries"])
    return n_missing
