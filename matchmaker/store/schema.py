"""Bringing the tables to the version of this program, and saying when they are not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, column, inspect, select, table, text

from matchmaker.errors import Unavailable
from matchmaker.store import account_tables, alert_tables, audit, clock, exchange_tables, release_tables
from matchmaker.store.engine import changing_tables, keys_of

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0025"  # the newest migration; written here so that opening a node need not read the scripts
# Modules that add tables need importing.
_WITH_TABLES = (alert_tables, account_tables, exchange_tables, release_tables)
METADATA = _WITH_TABLES[0].metadata
KEY_CHECK = "key check"  # of what the keys of a database make the pseudonym that it holds
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 7_305_801  # PostgreSQL's advisory locks are numbers; this one is "the tables of a node"
_VERSION = table("alembic_version", column("version_num"))


def upgrade(engine: Engine, *, to: str = "head") -> None:
    """Make or change the tables, in one transaction; two processes at once wait for each other."""
    _migrate(engine, to=to, down=False)


def downgrade(engine: Engine, *, to: str) -> None:
    """Go back to an earlier version; `base` removes everything."""
    _migrate(engine, to=to, down=True)


def start(db: Connection) -> None:
    """Write the rows that a new database begins with, once: the clock and the head of the audit chain."""
    clock.start(db, key_check=_key_check(db))
    audit.start(db)


def check(db: Connection) -> None:
    """Refuse a database that is not of this version, or not of this node's keys.

    Raises
    ------
    Unavailable
        With what to do.
    """
    version = _version(db)
    if version != HEAD:
        why = f"its tables are of version {version}" if version else "it has no tables"
        raise Unavailable("the database", f"{why}, this program needs {HEAD}", "run `matchmaker init`")
    if clock.key_check(db) not in (None, _key_check(db)):
        why = "it was made with other keys than those in the home"
        raise Unavailable("the database", why, "restore the keys that belong to it, or name another database")


def config_of(db: Connection | None = None) -> Config:
    """Return what Alembic needs to find the scripts, and the connection to run them on."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = db
    return config


def _migrate(engine: Engine, *, to: str, down: bool) -> None:
    from alembic import command
    from alembic.util import CommandError

    with changing_tables(engine) as db:
        if db.dialect.name == "postgresql":
            db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if to == "head" and _version(db) == HEAD:
            return  # without reading the scripts
        run = command.downgrade if down else command.upgrade
        try:
            run(config_of(db), to)
        except CommandError as error:
            why = "its tables are of a version that this program does not know"
            raise Unavailable("the database", why, "update this program, or restore a backup") from error


def _version(db: Connection) -> str | None:
    return db.scalar(select(_VERSION.c.version_num)) if inspect(db).has_table("alembic_version") else None


def _key_check(db: Connection) -> str:
    return keys_of(db).pseudonym(KEY_CHECK)
