"""The real services of the tests: one server for all runs, one database per worker."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import flask_migrate
import psycopg

from kernel.db import db
from kernel.embedded import PostgresHandle, start_postgres
from kernel.settings import Settings, use
from wsgi import create_app

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "instance/tests"
# Reference data that migrations put there.
KEPT = {"alembic_version", "plans", "plan_versions", "ladder_bands"}
EMPTY = """
DO $$ DECLARE t text; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL ({kept})
  LOOP EXECUTE format('DELETE FROM %I', t); END LOOP;
  INSERT INTO tenants (id, slug, state, created_at)
  VALUES ('00000000-0000-7000-8000-000000000000', '.sheaf', 'active', now());
END $$
"""


def connect(server: PostgresHandle, database: str = "postgres") -> psycopg.Connection:
    """As the superuser: only tests have one."""
    url = server.url(database=database).replace("+psycopg", "", 1)
    return psycopg.connect(url, autocommit=True)


@contextmanager
def own_database(made: Settings, name: str) -> Iterator[tuple[Settings, PostgresHandle]]:
    """A fresh migrated database of this worker and the settings that lead to it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    server = start_postgres(FOLDER, durable=False)
    try:
        with (FOLDER / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            template = _template(server, made)
        with connect(server) as admin:
            admin.execute(f'CREATE DATABASE "{name}" OWNER sheaf_owner TEMPLATE "{template}"')
        yield urls(made, server, name), server
        with connect(server) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        server.stop()


def urls(made: Settings, server: PostgresHandle, database: str) -> Settings:
    """The same settings with a database's URLs, one per role."""
    return replace(
        made,
        database_url=server.url(database=database, role="sheaf_app"),
        owner_database_url=server.url(database=database, role="sheaf_owner"),
        staff_database_url=server.url(database=database, role="sheaf_staff"),
        relay_database_url=server.url(database=database, role="sheaf_relay"),
    )


def _template(server: PostgresHandle, made: Settings) -> str:
    digest = hashlib.sha256()
    for path in sorted((ROOT / "migrations").rglob("*.py")):
        digest.update(path.read_bytes())
    name = f"template_{digest.hexdigest()[:16]}"
    with connect(server) as admin:
        _drop_what_is_dead(admin, keep=name)
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = 'sheaf_owner'").fetchone():
            admin.execute("CREATE ROLE sheaf_owner LOGIN CREATEROLE BYPASSRLS")
        unready = f"unready_{os.getpid()}"
        admin.execute(f'CREATE DATABASE "{unready}" OWNER sheaf_owner')
        migrate(urls(made, server, unready))
        admin.execute(f'ALTER DATABASE "{unready}" RENAME TO "{name}"')
    return name


def migrate(made: Settings) -> None:
    """Bring a database to head, through the command that people use."""
    app = create_app(made)
    with app.app_context():
        flask_migrate.upgrade(str(ROOT / "migrations"))
        for engine in db.engines.values():
            engine.dispose()
    use(made)


def _drop_what_is_dead(admin: psycopg.Connection, *, keep: str) -> None:
    rows = admin.execute(
        "SELECT datname FROM pg_database d WHERE datname ~ '^(test|unready|template)_' AND NOT "
        "EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)"
    ).fetchall()
    for (name,) in rows:
        kind, _, pid = name.partition("_")
        alive = kind != "template" and Path(f"/proc/{pid.partition('_')[0]}").exists()
        if name != keep and not alive:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}"')


def hang_up(admin: psycopg.Connection) -> int:
    """End what a test that was stopped half way left at work, with its locks; how many those were.

    Whoever only looks between two statements holds nothing, and is left alone.
    """
    ended = admin.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid <> "
        "pg_backend_pid() AND datname = current_database() AND state <> 'idle'"
    )
    return len(ended.fetchall())


def empty(admin: psycopg.Connection) -> None:
    """Take every row back, so the next test starts as a new platform."""
    kept = ", ".join(f"'{name}'" for name in sorted(KEPT))
    admin.execute(EMPTY.format(kept=f"ARRAY[{kept}]"))
