"""All rows of the database at once: filled where a story left nothing, kept, compared, put back."""

import re
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]
TENANT_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1
"""
ALL_TABLES = """
SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
ORDER BY 1
"""
COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'
AND table_name = %s AND is_nullable = 'NO' AND column_name NOT IN ('id', 'tenant_id')
"""
ALLOWED_WORDS = """
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'
AND conrelid = %s::regclass AND pg_get_constraintdef(oid) LIKE '%%' || %s || '%%'
"""
VALUES: dict[str, str] = {
    "text": "'{word}-{tenant}'",
    "jsonb": "'{{}}'",
    "uuid": "gen_random_uuid()",
    "bigint": "1",
    "integer": "1",
    "boolean": "false",
    "date": "current_date",
    "time without time zone": "'09:00'",
    "timestamp with time zone": "now()",
}


def tenant_tables(admin: psycopg.Connection) -> list[str]:
    """Every table whose rows belong to a tenant."""
    return [name for (name,) in admin.execute(TENANT_TABLES)]


def rows_of(admin: psycopg.Connection, tenant_id: UUID) -> dict[str, list[Row]]:
    """All rows of a tenant, oldest first."""
    with admin.cursor(row_factory=dict_row) as cursor:
        return {
            table: cursor.execute(
                f'SELECT * FROM "{table}" WHERE tenant_id = %s ORDER BY id', [tenant_id]
            ).fetchall()
            for table in tenant_tables(admin)
        }


def fill_empty_tables(admin: psycopg.Connection, tenant_id: UUID) -> None:
    """The tenant has at least one row in every table."""
    admin.execute("SET session_replication_role = replica")  # the rows point at nothing
    for table, rows in rows_of(admin, tenant_id).items():
        if not rows:
            _fill(admin, table, tenant_id)
    admin.execute("SET session_replication_role = DEFAULT")


def _fill(admin: psycopg.Connection, table: str, tenant_id: UUID) -> None:
    values = {"id": "gen_random_uuid()", "tenant_id": f"'{tenant_id}'"}
    for column, kind in admin.execute(COLUMNS, [table]).fetchall():
        if kind == "character varying":
            values[column] = f"'{_allowed_word(admin, table, column)}'"
        else:
            values[column] = VALUES[kind].format(word=column, tenant=tenant_id.hex)
    names = ", ".join(f'"{name}"' for name in values)
    try:
        admin.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(values.values())})')
    except psycopg.errors.CheckViolation as refused:
        raise AssertionError(
            f"No row of {table} could be made up: let the story in tests/world/story.py make one."
        ) from refused


def _allowed_word(admin: psycopg.Connection, table: str, column: str) -> str:
    for (check,) in admin.execute(ALLOWED_WORDS, [table, column]):
        found = re.search(r"'(\w+)'", str(check))
        if found:
            return found.group(1)
    raise AssertionError(f"{table}.{column} has no list of words")


def save(admin: psycopg.Connection) -> None:
    """Keep every row as it is now."""
    admin.execute("DROP SCHEMA IF EXISTS saved CASCADE")
    admin.execute("CREATE SCHEMA saved")
    for (table,) in admin.execute(ALL_TABLES).fetchall():
        admin.execute(f'CREATE TABLE saved."{table}" AS TABLE public."{table}"')


def put_back(admin: psycopg.Connection) -> None:
    """Every table holds what was saved, and nothing else."""
    admin.execute(
        """
        DO $$ DECLARE t text; BEGIN
          SET LOCAL session_replication_role = replica;
          FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'saved' LOOP
            EXECUTE format('DELETE FROM public.%I', t);
            EXECUTE format('INSERT INTO public.%I SELECT * FROM saved.%I', t, t);
          END LOOP;
        END $$
        """
    )


def drop(admin: psycopg.Connection, table: str, tenant_id: UUID) -> None:
    """No row of the tenant is left in a table, whatever points at them."""
    admin.execute("SET session_replication_role = replica")
    admin.execute(f'DELETE FROM "{table}" WHERE tenant_id = %s', [tenant_id])
    admin.execute("SET session_replication_role = DEFAULT")


def forget(admin: psycopg.Connection) -> None:
    """What was saved is gone."""
    admin.execute("DROP SCHEMA IF EXISTS saved CASCADE")


def digests(admin: psycopg.Connection, tenant_id: UUID | None = None) -> dict[str, str]:
    """One word per table that changes when any row does; of one tenant or of the whole database."""
    tables = tenant_tables(admin) if tenant_id else [n for (n,) in admin.execute(ALL_TABLES)]
    only = f"WHERE tenant_id = '{tenant_id}'" if tenant_id else ""
    parts = (
        f"SELECT '{table}', md5(string_agg(r::text, '' ORDER BY r::text)) FROM "
        f'public."{table}" r {only}'
        for table in tables
    )
    return dict(admin.execute(" UNION ALL ".join(parts)).fetchall())


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables whose rows are not the same."""
    return [table for table, digest in after.items() if before[table] != digest]
