"""Where SQLite and PostgreSQL spell the same thing in two constructs, and statements that are built once.

Building a statement and finding its compiled form take longer than running a small one: what each request runs is made
once, and then the same object finds its compiled form at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.types import TypeEngine

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

_Statement = TypeVar("_Statement")


def insert(db: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that takes ON CONFLICT."""
    # PostgreSQL's dialect imports asyncio, for which a command on SQLite need not wait.
    if db.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def once(build: Callable[[Connection], _Statement]) -> Callable[[Connection], _Statement]:
    """Build a statement for each dialect when it is first needed, and no more."""
    built: dict[str, _Statement] = {}

    def statement(db: Connection) -> _Statement:
        name = db.dialect.name
        if name not in built:
            built[name] = build(db)
        return built[name]

    return statement


def among(db: Connection, column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Say that a column holds one of the texts in a parameter: one statement for however many there are."""
    wanted: Any = bindparam(parameter, type_=_Texts())
    if db.dialect.name == "postgresql":
        return column == func.any(wanted)
    return column.in_(select(func.json_each(wanted).table_valued("value").c.value))


class Rows:
    """An INSERT of whole rows of texts, integers and moments, at once: an answer to a node writes some sixty. SQLite's
    driver takes them as they are, since SQLAlchemy takes longer than writing them; PostgreSQL in one parameter."""

    def __init__(self, db: Connection, statement: sqlite.Insert | postgresql.Insert) -> None:
        """Prepare it; what else the statement says, as on a conflict, has no parameters."""
        columns = statement.table.columns
        self._names = [column.name for column in columns]
        self._from_json = _from_json(statement) if db.dialect.name == "postgresql" else None
        self._statement = str(statement.compile(dialect=db.dialect, column_keys=self._names))
        processors = [column.type.dialect_impl(db.dialect).bind_processor(db.dialect) for column in columns]
        self._processors = [(place, process) for place, process in enumerate(processors) if process is not None]

    def insert(self, db: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Insert one row at least; the values come in the order of the table's columns."""
        if self._from_json is not None:
            records = [dict(zip(self._names, row, strict=True)) for row in rows]
            db.execute(self._from_json, {"rows": json.dumps(records, default=str)})
            return
        columns = [list(column) for column in zip(*rows, strict=True)]
        for place, process in self._processors:
            processed = {value: process(value) for value in set(columns[place])}  # often one for all
            columns[place] = [processed[value] for value in columns[place]]
        db.exec_driver_sql(self._statement, list(zip(*columns, strict=True)))


def _from_json(statement: sqlite.Insert | postgresql.Insert) -> Insert:
    from sqlalchemy.dialects.postgresql import JSON

    table = statement.table
    names = [column.name for column in table.columns]
    rows = cast(bindparam("rows", type_=Text()), JSON)
    records = func.json_populate_recordset(literal_column(f"NULL::{table.name}"), rows).table_valued(*names)
    return statement.from_select(names, select(records))


class _Texts(TypeDecorator[Collection[str]]):
    """Any number of texts as one parameter."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(Text())
        from sqlalchemy.dialects import postgresql

        return dialect.type_descriptor(postgresql.ARRAY(Text()))

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        texts = list(value or ())
        return texts if dialect.name == "postgresql" else json.dumps(texts)
