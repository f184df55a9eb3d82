"""Run migrations as the owner of the schema, never as the app's role."""

from alembic import context
from sqlalchemy import create_engine, pool

from kernel.db import Base
from kernel.settings import settings


def run() -> None:
    """One transaction per step, with short locks: a busy table refuses rather than waits."""
    engine = create_engine(settings().owner_database_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET lock_timeout = '5s'")
        connection.exec_driver_sql("SET statement_timeout = '5min'")
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            compare_server_default=False,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
