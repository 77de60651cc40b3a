"""How Alembic reaches our tables: on the connection that `Database.migrate` hands over."""

from alembic import context

from core.database import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_type=True,
    # SQLite cannot alter constraints in place: Alembic copies the table
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
