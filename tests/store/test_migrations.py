"""Every migration, up and down, with a row in every table: what a version has no place for goes, all else stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

from matchmaker.errors import Unavailable
from matchmaker.service import Matchmaker
from matchmaker.store import schema
from matchmaker.store.engine import changing_tables
from matchmaker.store.schema import METADATA
from matchmaker.store.tables import Moment

pytestmark = pytest.mark.slow

Rows = Mapping[str, Mapping[str, Any]]
AT = dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC)
KEPT = {"clock", "audit_head"}  # which have their one row from the beginning
SPENT = {"up to 0024": "recovery_codes"}  # whose rows a migration means to delete


def versions() -> list[str]:
    """All of them, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(schema.config_of()).walk_revisions()]


def test_every_migration_keeps_what_has_a_place_in_both_versions(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        for table in METADATA.sorted_tables:
            if table.name not in KEPT:
                db.execute(insert(table).values(a_row(table)))
        before = rows_of(db)
    assert before.keys() == METADATA.tables.keys()
    assert all(before.values())

    for version in versions()[1:]:
        schema.downgrade(mm.engine, to=version)
        with mm.reading() as db:
            after = rows_of(db)
        assert_kept(before, after, where=f"down to {version}")
        before = after
    for version in reversed(versions()):
        schema.upgrade(mm.engine, to=version)
        with mm.reading() as db:
            after = rows_of(db)
        assert_kept(before, after, where=f"up to {version}")
        assert not after.get(SPENT.get(f"up to {version}", ""))
        before = after

    with mm.reading() as db:
        schema.check(db)
    assert before["cases"]["id"] == a_row(METADATA.tables["cases"])["id"]  # all the way down and up


def a_row(table: Table) -> dict[str, Any]:
    """A row with something in every column; all references lead to the one row of the other table."""
    return {column.name: _value(table, column.name) for column in table.columns}


def rows_of(db: Connection) -> Rows:
    """The one row of every table that this version has, if it has one, its moments in one spelling."""
    found = MetaData()
    found.reflect(db)
    rows: dict[str, Mapping[str, Any]] = {}
    for name, table in found.tables.items():
        if name == "alembic_version":
            continue
        stored = db.execute(select(table)).mappings().all()
        assert len(stored) <= 1, name
        rows[name] = {column: _spelled(value) for row in stored for column, value in row.items()}
    return rows


def assert_kept(before: Rows, after: Rows, *, where: str) -> None:
    """Say which value a step lost or changed, though its table and column are there on both sides."""
    for name in before.keys() & after.keys() - {SPENT.get(where)}:
        assert bool(after[name]) is bool(before[name]), f"{where}: the row of {name}"
        for column in before[name].keys() & after[name].keys():
            assert after[name][column] == before[name][column], f"{where}: {name}.{column}"


def _value(table: Table, name: str) -> Any:
    column = table.columns[name]
    for key in column.foreign_keys:
        return _value(key.column.table, key.column.name)
    kind = column.type
    if isinstance(kind, Moment | DateTime):
        return AT
    if isinstance(kind, Date):
        return AT.date()
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, BigInteger | Integer):
        return 1
    if isinstance(kind, Float):
        return 0.5
    if isinstance(kind, LargeBinary):
        return b"sealed"
    length = getattr(kind, "length", None) or 12
    return f"{table.name}.{name}"[:length].ljust(min(length, 12), "x")


def _spelled(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    return bytes(value) if isinstance(value, memoryview) else value


def test_references_hold_again_after_a_migration(sqlite_mm: Matchmaker) -> None:
    schema.downgrade(sqlite_mm.engine, to=versions()[1])
    schema.upgrade(sqlite_mm.engine)

    orphan = insert(METADATA.tables["case_keys"]).values(case_id="nobody", salt=b"")
    with pytest.raises(IntegrityError), sqlite_mm.engine.begin() as db:
        db.execute(orphan)


def test_migration_that_would_leave_rows_without_what_they_refer_to_is_undone(sqlite_mm: Matchmaker) -> None:
    orphan = insert(METADATA.tables["case_keys"]).values(case_id="nobody", salt=b"")

    with pytest.raises(Unavailable, match="refer to others that are gone"), changing_tables(sqlite_mm.engine) as db:
        db.execute(orphan)

    with sqlite_mm.reading() as db:
        assert db.execute(select(METADATA.tables["case_keys"])).first() is None
