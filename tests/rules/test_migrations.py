"""Migrations: numbered, reversible, and never apart from the models."""

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from kernel.db import Base, db
from kernel.settings import Settings, settings, use
from tests import database
from tests.conftest import SETTINGS
from wsgi import create_app

VERSIONS = sorted((database.ROOT / "migrations/versions").glob("0*.py"))


@pytest.fixture
def other_app(app: Flask) -> Iterator[Flask]:
    """An app over a database of its own, which may be taken apart."""
    before = settings()
    name = f"unready_{before.database_url.rpartition('/test_')[2].partition('_')[0]}_migrations"
    server = database.start_postgres(database.FOLDER, durable=False)
    with database.connect(server) as admin:
        admin.execute(f'CREATE DATABASE "{name}" OWNER sheaf_owner')
    made: Settings = database.urls(SETTINGS, server, name)
    yield create_app(made)
    use(before)
    with database.connect(server) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    server.stop()


def test_migrations_are_numbered_in_one_line() -> None:
    numbers = [path.name[:4] for path in VERSIONS]
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]
    head = (Path(VERSIONS[0]).parent / ".head").read_text().strip()
    assert head == numbers[-1], "two branches conflict in git, not in production"


def test_the_models_are_what_the_migrations_made(app: Flask) -> None:
    with create_engine(settings().owner_database_url, poolclass=NullPool).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_step_goes_down_and_up_again(other_app: Flask) -> None:
    folder = str(database.ROOT / "migrations")
    with other_app.app_context():
        flask_migrate.upgrade(folder)
        flask_migrate.downgrade(folder, revision="base")
        flask_migrate.upgrade(folder)
        for engine in db.engines.values():
            engine.dispose()


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_imports_no_model(path: Path) -> None:
    text = path.read_text()
    assert "from kernel" not in text
    assert ".models" not in text
