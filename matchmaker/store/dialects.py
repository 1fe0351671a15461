"""Where SQLite and PostgreSQL spell the same thing in two constructs, and statements that are built once.

Building a statement and finding its compiled form take longer than running a small one: what each request runs is made
once, and then the same object finds its compiled form at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    Select,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    cast,
    func,
    select,
    true,
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


def insert_rows(
    db: Connection, table: Table, *, each: tuple[str, ...], same: tuple[str, ...]
) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT of any number of rows that takes ON CONFLICT, run once instead of once for each row.

    Parameters
    ----------
    each : columns of texts and integers
        Their values come in the parameter `rows`, a list with one list for each row.
    same : columns with one value for all rows
        Their values come in parameters of their names.
    """
    given = [bindparam(name, type_=table.c[name].type).label(name) for name in same]
    rows = bindparam("rows", type_=_Rows())
    return insert(db, table).from_select([*each, *same], _cells(db, rows, table, each).add_columns(*given))


class Rows:
    """An INSERT of whole rows that goes to the driver as it is: an answer to a node writes some sixty, and the way
    through SQLAlchemy takes longer than writing them. The values come in the order of the table's columns."""

    def __init__(self, db: Connection, table: Table) -> None:
        self._names = [column.name for column in table.columns]
        compiled = table.insert().compile(dialect=db.dialect, column_keys=self._names)
        self._statement = str(compiled)
        self._is_positional = compiled.positional
        processors = [column.type.dialect_impl(db.dialect).bind_processor(db.dialect) for column in table.columns]
        self._processors = [(place, process) for place, process in enumerate(processors) if process is not None]

    def insert(self, db: Connection, rows: list[list[Any]]) -> None:
        """Insert one row at least."""
        for place, process in self._processors:
            for row in rows:
                row[place] = process(row[place])
        if self._is_positional:
            db.exec_driver_sql(self._statement, [tuple(row) for row in rows])
        else:
            db.exec_driver_sql(self._statement, [dict(zip(self._names, row, strict=True)) for row in rows])


def _cells(db: Connection, rows: ColumnElement[Any], table: Table, names: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    """Read the rows back from the one parameter, in their order."""
    texts: list[ColumnElement[Any]]
    if db.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import JSON

        value = func.json_array_elements(cast(rows, JSON)).table_valued("value").c.value
        texts = [value.op("->>")(place) for place in range(len(names))]
    else:
        value = func.json_each(rows).table_valued("value").c.value
        texts = [func.json_extract(value, f"$[{place}]") for place in range(len(names))]
    types = [BigInteger() if table.c[name].type.python_type is int else Text() for name in names]
    # Without a WHERE, SQLite would take ON CONFLICT for the condition of a join.
    return select(*[cast(text, type_) for text, type_ in zip(texts, types, strict=True)]).where(true())


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


class _Rows(TypeDecorator[Collection[Collection[str | int | None]]]):
    """Any number of rows as one parameter."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Collection[Collection[str | int | None]] | None, dialect: Dialect) -> str:
        return json.dumps(value or ())
