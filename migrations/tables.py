"""Short words for the shapes that every table here has; migrations read like what they make."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

ID, TEXT, INT, FLAG = sa.Uuid(), sa.Text(), sa.BigInteger(), sa.Boolean()
TIME, DAY = sa.DateTime(timezone=True), sa.Date()
JSON = postgresql.JSONB()


def col(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def cols(kind: Any, *names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [col(name, kind, null=null) for name in names]


def choice(name: str, kind: str, *values: str) -> sa.Column[Any]:
    options = {"native_enum": False, "create_constraint": True, "length": 32}
    return col(name, sa.Enum(*values, name=kind, **options))


def inside(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"])


def unique(*columns: str, name: str | None = None) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("tenant_id", *columns, name=name)


def platform_table(name: str, *parts: Any) -> None:
    op.create_table(name, col("id", ID), *parts, sa.PrimaryKeyConstraint("id"))


def tenant_table(name: str, *parts: Any) -> None:
    op.create_table(
        name,
        *cols(ID, "tenant_id", "id"),
        *parts,
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )


def index(table: str, *columns: str) -> None:
    names = ["tenant_id", *columns]
    op.create_index(op.f(f"ix_{table}_{'_'.join(names)}"), table, names)
