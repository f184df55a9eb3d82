"""Queues by who waits, due since when, failures in a row, watches of the clock, and heartbeats."""

from alembic import op

from migrations.tables import ID, INT, TEXT, TIME, col, platform_table, sa
from migrations.tenancy import CONDITION, share

revision = "0009"
down_revision = "0008"
PLATFORM_ID = "00000000-0000-7000-8000-000000000000"


def upgrade() -> None:
    """The defaults let the code before this one go on writing."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    extend_jobs()
    make_watches()
    make_heartbeats()
    fill_watches()
    op.execute("ALTER ROLE sheaf_relay SET statement_timeout = '15s'")
    op.execute("ALTER ROLE sheaf_relay SET lock_timeout = '5s'")
    op.execute("ALTER ROLE sheaf_relay SET idle_in_transaction_session_timeout = '60s'")


def extend_jobs() -> None:
    """Every job has a queue; what is due knows since when."""
    op.add_column("jobs", sa.Column("queue", TEXT, nullable=False, server_default="mail"))
    op.add_column("jobs", sa.Column("failures", INT, nullable=False, server_default="0"))
    op.create_index("ix_jobs_dead", "jobs", ["queue"], postgresql_where=sa.text("state = 'dead'"))
    op.add_column("due_jobs", sa.Column("queue", TEXT, nullable=False, server_default="mail"))
    op.add_column(
        "due_jobs",
        sa.Column("first_due_at", TIME, nullable=False, server_default=sa.text("now()")),
    )
    op.create_index(
        op.f("ix_due_jobs_queue_due_at_tenant_id"), "due_jobs", ["queue", "due_at", "tenant_id"]
    )


def make_heartbeats() -> None:
    """One row for each kind of process."""
    platform_table(
        "heartbeats",
        col("kind", TEXT),
        col("beat_at", TIME),
        sa.UniqueConstraint("kind", name=op.f("uq_heartbeats_kind")),
    )
    share("heartbeats", allow="SELECT, INSERT, UPDATE")
    op.execute("GRANT SELECT, INSERT, UPDATE ON heartbeats TO sheaf_relay")


def make_watches() -> None:
    """Local to the platform; the app sees its own tenant's, the relay's role all."""
    platform_table(
        "watches",
        col("tenant_id", ID),
        col("topic", TEXT),
        col("until", TIME),
        sa.UniqueConstraint("topic", "tenant_id", name=op.f("uq_watches_topic_tenant_id")),
    )
    share("watches")
    op.execute("GRANT SELECT ON watches TO sheaf_relay")
    op.execute("ALTER TABLE watches ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE watches FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY relay ON watches FOR SELECT TO sheaf_relay USING (true)")
    op.execute(
        f"CREATE POLICY app ON watches FOR ALL TO sheaf_app USING ({CONDITION}) "
        f"WITH CHECK ({CONDITION})"
    )


def fill_watches() -> None:
    """Shops that are there go on being told by the clock of what may concern them."""
    for topic, days, table in (
        ("stripe.pull", 30, "provider_accounts"),
        ("money.sweep", 30, "payments"),
        ("visitors.due", 98, "shopper_sessions"),
        ("visitors.due", 98, "carts"),
        ("work.over", 40, "jobs"),
    ):
        op.execute(
            "INSERT INTO watches (id, tenant_id, topic, until) "
            f"SELECT gen_random_uuid(), tenant_id, '{topic}', now() + interval '{days} days' "
            f"FROM (SELECT DISTINCT tenant_id FROM {table}) AS shops "
            f"WHERE tenant_id <> '{PLATFORM_ID}' ON CONFLICT DO NOTHING"
        )


def downgrade() -> None:
    """Take it back."""
    for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        op.execute(f"ALTER ROLE sheaf_relay RESET {limit}")
    op.drop_table("heartbeats")
    op.drop_table("watches")
    op.drop_index(op.f("ix_due_jobs_queue_due_at_tenant_id"), "due_jobs")
    op.drop_index("ix_jobs_dead", "jobs")
    for table, column in (
        ("due_jobs", "first_due_at"),
        ("due_jobs", "queue"),
        ("jobs", "failures"),
        ("jobs", "queue"),
    ):
        op.drop_column(table, column)
