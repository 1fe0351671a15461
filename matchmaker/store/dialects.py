"""Where SQLite and PostgreSQL spell the same thing in two constructs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def insert(db: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that takes ON CONFLICT."""
    # PostgreSQL's dialect imports asyncio, for which a command on SQLite need not wait.
    if db.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
