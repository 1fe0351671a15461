"""Where SQLite and PostgreSQL spell the same thing in two constructs, and statements that are built once.

Building a statement and finding its compiled form take longer than running a small one: what each request runs is made
once, and then the same object finds its compiled form at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Dialect, Table, Text, TypeDecorator, bindparam, func, select
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
