"""What every table needs besides its columns: who may do what, and row level security.

Two policies with the same condition: the permissive one lets the app's role in, the restrictive
one stands against any careless policy beside it. Never `USING (true)`: Citus may re-create a
restrictive policy on its shards as a permissive one (ADR 0003).
"""

from alembic import op

CONDITION = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"
WRITE = "SELECT, INSERT, UPDATE, DELETE"


def protect(table: str, *, allow: str = WRITE, staff_columns: list[str] | None = None) -> None:
    """A tenant's table: forced row security, the app's grants, and what staff may read.

    `staff_columns` names the columns staff may see where others hold secrets; otherwise all.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for name, kind, role in (
        ("app", "PERMISSIVE", "sheaf_app"),
        ("tenant", "RESTRICTIVE", "public"),
    ):
        op.execute(
            f"CREATE POLICY {name} ON {table} AS {kind} FOR ALL TO {role} "
            f"USING ({CONDITION}) WITH CHECK ({CONDITION})"
        )
    op.execute(
        f"CREATE TRIGGER keep_tenant BEFORE UPDATE OF tenant_id ON {table} "
        "FOR EACH ROW WHEN (OLD.tenant_id IS DISTINCT FROM NEW.tenant_id) "
        "EXECUTE FUNCTION refuse_change()"
    )
    share(table, allow=allow, staff_columns=staff_columns)


def append_only(table: str, *, staff_columns: list[str] | None = None) -> None:
    """A tenant's table whose rows are written once: no grant and a trigger against the rest."""
    protect(table, allow="SELECT, INSERT", staff_columns=staff_columns)
    op.execute(
        f"CREATE TRIGGER keep_rows BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def share(table: str, *, allow: str = WRITE, staff_columns: list[str] | None = None) -> None:
    """Grants only: for tables of the platform itself."""
    if allow:
        op.execute(f"GRANT {allow} ON {table} TO sheaf_app")
    columns = f" ({', '.join(staff_columns)})" if staff_columns else ""
    op.execute(f"GRANT SELECT{columns} ON {table} TO sheaf_staff")


def keep_still(table: str, name: str, refused: str) -> None:
    """No row of the table is ever changed so: a condition over OLD and NEW, of one row only."""
    op.execute(
        f"CREATE TRIGGER keep_{name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({refused}) "
        "EXECUTE FUNCTION refuse_change()"
    )


def let_go(table: str, name: str) -> None:
    """The reverse of keep_still."""
    op.execute(f"DROP TRIGGER keep_{name} ON {table}")


def differ(*columns: str) -> str:
    """The condition that any of these columns is not as it was."""
    return " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns)


def set_again(*columns: str) -> str:
    """The condition that any of these columns was filled and is not as it was."""
    return " OR ".join(
        f"(OLD.{name} IS NOT NULL AND OLD.{name} IS DISTINCT FROM NEW.{name})" for name in columns
    )


def off_the_steps(column: str, steps: list[tuple[str, str]]) -> str:
    """The condition that a state changes in a way that is none of these steps."""
    allowed = ", ".join(f"('{old}', '{new}')" for old, new in steps)
    return (
        f"OLD.{column} IS DISTINCT FROM NEW.{column} "
        f"AND (OLD.{column}, NEW.{column}) NOT IN ({allowed})"
    )
