"""Until when the clock tells a shop of what."""

from alembic import op

from migrations.tables import ID, TEXT, TIME, col, platform_table, sa
from migrations.tenancy import CONDITION, share

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Watches: local to the platform; the app sees its own tenant's, the relay's role all."""
    op.execute("SET LOCAL lock_timeout = '5s'")
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


def downgrade() -> None:
    """Take it back."""
    op.drop_table("watches")
