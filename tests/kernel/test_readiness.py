"""Code serves on a database that is newer than itself, and never on one that is behind."""

import psycopg
import pytest
from flask import Flask

from kernel.health import at_head

NOW = "SELECT version_num FROM alembic_version"


@pytest.mark.parametrize(
    ("version", "ready"), [("9999_from_tomorrow", True), ("0001", False), (None, False)]
)
def test_a_newer_database_is_ready_and_an_older_or_empty_one_is_not(
    app: Flask, admin: psycopg.Connection, version: str | None, ready: bool
) -> None:
    found = admin.execute(NOW).fetchone()
    assert found is not None
    assert at_head()
    try:
        admin.execute("DELETE FROM alembic_version")
        if version is not None:
            admin.execute("INSERT INTO alembic_version VALUES (%s)", [version])
        assert at_head() is ready
        said = app.test_cli_runner().invoke(args=["doctor"]).output
        assert ("newer than this code" in said) is ready
        assert ("behind this code" in said) is not ready
    finally:
        admin.execute("DELETE FROM alembic_version")
        admin.execute("INSERT INTO alembic_version VALUES (%s)", found)
