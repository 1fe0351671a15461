from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from matchmaker.errors import Unavailable
from matchmaker.keys import Keys
from matchmaker.service import Matchmaker
from matchmaker.store import engine, schema
from matchmaker.store.tables import metadata


@pytest.mark.slow
def test_migrations_make_the_tables_that_the_code_uses(mm: Matchmaker) -> None:
    with mm.reading() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True, "compare_server_default": True})

        assert compare_metadata(context, metadata) == []


def test_every_constraint_has_the_name_that_the_code_gives_it(mm: Matchmaker) -> None:
    with mm.reading() as db:
        found = inspect(db)
        for table in metadata.tables.values():
            stored = {found.get_pk_constraint(table.name)["name"]}
            stored |= {constraint["name"] for constraint in found.get_foreign_keys(table.name)}
            stored |= {constraint["name"] for constraint in found.get_unique_constraints(table.name)}
            stored |= {constraint["name"] for constraint in found.get_check_constraints(table.name)}

            assert stored == {constraint.name for constraint in table.constraints}, table.name


def test_newest_migration_is_the_one_that_the_code_asks_for() -> None:
    assert ScriptDirectory.from_config(schema.config_of()).get_current_head() == schema.HEAD


def test_downgrade_leaves_nothing_and_upgrade_makes_all_again(mm: Matchmaker) -> None:
    schema.downgrade(mm.engine, to="base")
    with mm.reading() as db:
        assert set(inspect(db).get_table_names()) == {"alembic_version"}

    schema.upgrade(mm.engine)
    with mm.reading() as db:
        assert set(inspect(db).get_table_names()) == {"alembic_version", *metadata.tables}


@pytest.mark.slow
def test_several_processes_may_upgrade_at_once(mm: Matchmaker) -> None:
    schema.downgrade(mm.engine, to="base")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: schema.upgrade(mm.engine), range(3)))

    with mm.reading() as db:
        assert set(inspect(db).get_table_names()) == {"alembic_version", *metadata.tables}


def test_database_without_tables_is_refused_with_what_to_do(mm: Matchmaker) -> None:
    schema.downgrade(mm.engine, to="base")

    with pytest.raises(Unavailable, match=r"no tables.*matchmaker init"), mm.reading() as db:
        schema.check(db)


def test_database_of_a_newer_program_is_refused_and_left_alone(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(Unavailable, match="update this program"):
        schema.upgrade(mm.engine)
    with pytest.raises(Unavailable, match="version 9999"), mm.reading() as db:
        schema.check(db)

    with mm.transaction() as db:  # this database is used again
        db.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": schema.HEAD})


def test_database_of_other_keys_is_refused(mm: Matchmaker, database_url: str, tmp_path: Path) -> None:
    others = engine.open_engine(database_url, Keys.create(tmp_path / "other keys"))

    with pytest.raises(Unavailable, match="other keys"), engine.reading(others) as db:
        schema.check(db)
    others.dispose()
