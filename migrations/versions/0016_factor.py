"""Second factors of people, proofs within a sign-in, and alerts about sensitive changes."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.tables import (
    DAY,
    ID,
    INT,
    JSON,
    TEXT,
    TIME,
    col,
    cols,
    index,
    platform_table,
    tenant_table,
)
from migrations.tenancy import protect, share

revision = "0016"
down_revision = "0015"

# Shops that are connected already: their owners are asked from the day of this migration.
ASK_OWNERS = """
UPDATE shop_profiles SET owners_need_factor_since = now() WHERE tenant_id IN (
  SELECT tenant_id FROM payment_connections
  WHERE account_ref IS NOT NULL OR own_key_sealed IS NOT NULL)
"""
PERSON = ["id", "person_id", "pending_at", "confirmed_at", "wrong_codes"]


def upgrade() -> None:
    """What the code before this one does not know has a default or a table of its own."""
    make_factors()
    make_alerts()
    for column in wrong_codes():
        op.add_column("staff_members", column)
    op.add_column("people", col("second_factor_since", TIME, null=True))
    op.execute("GRANT SELECT (second_factor_since) ON people TO sheaf_staff")
    op.add_column("user_sessions", sa.Column("proof_hash", TEXT, nullable=False, server_default=""))
    op.add_column("user_sessions", col("proved_at", TIME, null=True))
    op.execute("GRANT SELECT (proved_at) ON user_sessions TO sheaf_staff")
    for name in ("owners_need_factor_since", "all_need_factor_since"):
        op.add_column("shop_profiles", col(name, TIME, null=True))
    across_tenants(ASK_OWNERS, "shop_profiles", "payment_connections")
    index("audit_entries", "subject", "number")


def wrong_codes() -> list[sa.Column[Any]]:
    """How often someone with the right password gave a wrong code."""
    return [
        sa.Column("wrong_codes", INT, nullable=False, server_default="0"),
        sa.Column("wrong_codes_that_day", INT, nullable=False, server_default="0"),
        col("wrong_codes_from", TIME, null=True),
        col("wrong_codes_on", DAY, null=True),
    ]


def make_factors() -> None:
    """What proves who a person is, and who is between password and code."""
    key = ["people.id"]
    platform_table(
        "person_factors",
        col("person_id", ID),
        *cols(TEXT, "totp_secret", "pending_secret"),
        col("last_totp_step", INT),
        *wrong_codes(),
        *cols(TIME, "pending_at", "confirmed_at", null=True),
        sa.ForeignKeyConstraint(["person_id"], key),
        sa.UniqueConstraint("person_id"),
    )
    platform_table(
        "person_recovery_codes",
        col("person_id", ID),
        col("code_hash", TEXT),
        col("used_at", TIME, null=True),
        sa.ForeignKeyConstraint(["person_id"], key),
        sa.UniqueConstraint("person_id", "code_hash"),
    )
    platform_table(
        "pending_sign_ins",
        col("person_id", ID),
        col("token_hash", TEXT),
        col("wrong_codes", INT),
        *cols(TIME, "created_at", "expires_at"),
        sa.ForeignKeyConstraint(["person_id"], key),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index(op.f("ix_pending_sign_ins_expires_at"), "pending_sign_ins", ["expires_at"])
    op.create_index(op.f("ix_pending_sign_ins_person_id"), "pending_sign_ins", ["person_id"])
    share("person_factors", staff_columns=PERSON)
    share("person_recovery_codes", staff_columns=["id", "person_id", "used_at"])
    share("pending_sign_ins", staff_columns=["id", "person_id", "created_at", "expires_at"])


def make_alerts() -> None:
    """What was changed that owners must hear of, and where it seemed to come from."""
    tenant_table(
        "security_alerts",
        *cols(TEXT, "action", "subject", "actor_kind", "actor_name", "device", "network"),
        col("actor_id", ID, null=True),
        *cols(JSON, "recipients", "facts"),
        col("at", TIME),
    )
    index("security_alerts", "at")
    protect("security_alerts", allow="SELECT, INSERT, DELETE")


def across_tenants(statement: str, *tables: str) -> None:
    """Run as the tables' owner, who is held by their policies like everyone else until then."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(statement)
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f("ix_audit_entries_tenant_id_subject_number"), "audit_entries")
    for table in ("security_alerts", "pending_sign_ins", "person_recovery_codes", "person_factors"):
        op.drop_table(table)
    for column in wrong_codes():
        op.drop_column("staff_members", column.name)
    for table, column in (
        ("shop_profiles", "all_need_factor_since"), ("shop_profiles", "owners_need_factor_since"),
        ("user_sessions", "proved_at"), ("user_sessions", "proof_hash"),
        ("people", "second_factor_since"),
    ):  # fmt: skip
        op.drop_column(table, column)
