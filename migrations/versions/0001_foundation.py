"""Roles, the platform's own tables, the outbox and the jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import protect, share

revision = "0001"
down_revision = None

# Roles belong to the whole server, so they are made once and left in place by a downgrade.
ROLES = {
    "sheaf_app": "LOGIN",
    "sheaf_relay": "LOGIN",
    "sheaf_staff": "LOGIN BYPASSRLS",
}
PLATFORM_ID = "00000000-0000-7000-8000-000000000000"


def upgrade() -> None:
    make_roles()
    make_functions()
    make_tables()
    guard_tables()
    op.execute(
        "INSERT INTO tenants (id, slug, state, created_at) "
        f"VALUES ('{PLATFORM_ID}', '.sheaf', 'active', now())"
    )


def make_roles() -> None:
    """The app owns nothing and cannot bypass; staff read everything and change nothing."""
    for name, options in ROLES.items():
        op.execute(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') "
            f"THEN CREATE ROLE {name} {options}; END IF; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    op.execute("ALTER ROLE sheaf_app SET statement_timeout = '15s'")
    op.execute("ALTER ROLE sheaf_app SET lock_timeout = '5s'")
    op.execute("ALTER ROLE sheaf_app SET idle_in_transaction_session_timeout = '60s'")
    op.execute("ALTER ROLE sheaf_staff SET default_transaction_read_only = on")
    op.execute("ALTER ROLE sheaf_staff SET statement_timeout = '15s'")
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    op.execute("GRANT USAGE ON SCHEMA public TO sheaf_app, sheaf_relay, sheaf_staff")
    op.execute("GRANT SELECT ON alembic_version TO sheaf_app, sheaf_relay, sheaf_staff")


def make_functions() -> None:
    """The one trigger function: it refuses."""
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql "
        "SET search_path = pg_catalog AS $$ BEGIN "
        "RAISE EXCEPTION '% of % is not allowed', TG_OP, TG_TABLE_NAME USING errcode = '42501'; "
        "END $$"
    )


def make_tables() -> None:
    op.create_table(
        "due_jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_jobs")),
    )
    op.create_index(op.f("ix_due_jobs_due_at"), "due_jobs", ["due_at"], unique=False)
    op.create_table(
        "tenants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "suspended",
                "closed",
                name="tenantstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenants_slug")),
    )
    op.create_table(
        "announcements",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_announcements_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_announcements")),
    )
    op.create_table(
        "cron_slots",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_cron_slots_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_cron_slots")),
        sa.UniqueConstraint(
            "tenant_id", "topic", "slot", name=op.f("uq_cron_slots_tenant_id_topic_slot")
        ),
    )
    op.create_table(
        "hostnames",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_hostnames_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hostnames")),
        sa.UniqueConstraint("host", name=op.f("uq_hostnames_host")),
    )
    op.create_index(op.f("ix_hostnames_tenant_id"), "hostnames", ["tenant_id"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("announcement_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ready",
                "done",
                "dead",
                name="jobstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_jobs_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_jobs")),
    )
    op.create_index(
        op.f("ix_jobs_tenant_id_state_created_at"),
        "jobs",
        ["tenant_id", "state", "created_at"],
        unique=False,
    )


def guard_tables() -> None:
    """Grants and policies. `due_jobs` shows the app its own tenant's rows, the relay all."""
    for table in ("announcements", "jobs", "cron_slots"):
        protect(table)
    share("tenants", allow="SELECT, INSERT, UPDATE")
    share("hostnames")
    share("due_jobs")
    op.execute("GRANT SELECT, UPDATE ON due_jobs TO sheaf_relay")
    op.execute("ALTER TABLE due_jobs ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE due_jobs FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY relay ON due_jobs FOR ALL TO sheaf_relay USING (true)")
    own = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"
    op.execute(
        f"CREATE POLICY app ON due_jobs FOR ALL TO sheaf_app USING ({own}) WITH CHECK ({own})"
    )


def downgrade() -> None:
    op.drop_table("jobs")
    op.drop_table("hostnames")
    op.drop_table("cron_slots")
    op.drop_table("announcements")
    op.drop_table("tenants")
    op.drop_table("due_jobs")
    op.execute("DROP FUNCTION refuse_change()")
