"""The role that the console reads with can change nothing and read no secret."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from psycopg import errors
from sqlalchemy import text

from kernel.db import db, staff_reading
from kernel.settings import settings

SECRET_WORDS = ("password", "secret", "sealed", "token", "code_hash", "totp")
NOT_SECRET = {
    "password_changed_at",  # a time
    "secret",  # mails: whether the text is kept after sending
    "own_key_hint",
}
SECRET_TEXTS = {("mails", "html"), ("mails", "text")}
STATEMENTS = [
    "INSERT INTO {table} SELECT * FROM {table} WHERE false",
    "UPDATE {table} SET {column} = {column} WHERE false",
    "DELETE FROM {table} WHERE false",
    "TRUNCATE {table}",
    "ALTER TABLE {table} ADD COLUMN mine text",
    "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "DROP TABLE {table}",
    "CREATE INDEX ON {table} ({column})",
    "LOCK TABLE {table} IN EXCLUSIVE MODE",
    "SELECT {column} FROM {table} LIMIT 1 FOR UPDATE",
    "COPY {table} ({column}) FROM STDIN",
]


@pytest.fixture
def staff(app: Flask) -> Iterator[psycopg.Connection]:
    """A connection of the read role that has lifted its own read-only default, as it may."""
    url = settings().staff_database_url.replace("+psycopg", "", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        yield connection


@pytest.fixture
def columns(admin: psycopg.Connection) -> dict[str, list[str]]:
    """Every table there is, and its columns."""
    found: dict[str, list[str]] = {}
    for table, column in admin.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
    ):
        found.setdefault(table, []).append(column)
    assert len(found) > 30
    return found


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda text: text.split(" {")[0])
def test_it_can_change_no_table(
    staff: psycopg.Connection, columns: dict[str, list[str]], statement: str
) -> None:
    allowed = []
    for table, names in columns.items():
        try:
            with staff.transaction():
                staff.execute(statement.format(table=table, column=names[0]))
        except errors.InsufficientPrivilege:
            continue
        allowed.append(table)
    assert allowed == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE mine",
        "ALTER ROLE sheaf_staff SUPERUSER",
        "SET ROLE sheaf_app",
        "SET ROLE sheaf_owner",
        "SET SESSION AUTHORIZATION sheaf_owner",
        "SELECT pg_read_file('PG_VERSION')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_it_can_become_and_make_nothing(staff: psycopg.Connection, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        staff.execute(statement)


def test_it_reads_every_table_but_no_secret(
    staff: psycopg.Connection, columns: dict[str, list[str]]
) -> None:
    for table in columns:
        staff.execute(f"SELECT count(*) FROM {table}")
    secrets = [(t, c) for t, names in columns.items() for c in names if is_secret(t, c)]
    assert len(secrets) > 10
    assert [secret for secret in secrets if can_read(staff, *secret)] == []


def is_secret(table: str, column: str) -> bool:
    named_so = column not in NOT_SECRET and any(word in column for word in SECRET_WORDS)
    return named_so or (table, column) in SECRET_TEXTS


def can_read(staff: psycopg.Connection, table: str, column: str) -> bool:
    try:
        staff.execute(f"SELECT {column} FROM {table} LIMIT 1")
    except errors.InsufficientPrivilege:
        return False
    return True


def test_its_session_refuses_to_write(app: Flask) -> None:
    with staff_reading() as session, pytest.raises(Exception, match="read-only"):
        session.execute(text("UPDATE tenants SET slug = slug"))
    assert db.engines["staff"].url.username == "sheaf_staff"
