"""How Alembic runs the steps: on the connection it is given by `service.store.migrate`."""

from __future__ import annotations

from alembic import context

from service.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by making it again
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
