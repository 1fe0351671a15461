"""Run by Alembic with the connection, and inside the transaction, that `matchmaker.store.schema` opened."""

from __future__ import annotations

from alembic import context

from matchmaker.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,  # SQLite changes a column by copying its table
)
context.run_migrations()
