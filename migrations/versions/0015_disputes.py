"""Payments that the payer's bank claims back, and who is asked about money by the hour."""

from alembic import op

from migrations.tables import (
    FLAG,
    ID,
    INT,
    JSON,
    TEXT,
    TIME,
    col,
    cols,
    index,
    inside,
    sa,
    tenant_table,
    unique,
)
from migrations.tenancy import protect

revision = "0015"
down_revision = "0014"

WATCH = """
INSERT INTO watches (id, tenant_id, topic, until)
SELECT gen_random_uuid(), tenant_id, 'money.sweep', now() + interval '120 days'
FROM (SELECT DISTINCT tenant_id FROM provider_accounts) known ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    """Shops with an account are asked about their money from now on."""
    op.add_column("payments", col("disputed_at", TIME, null=True))
    op.add_column(
        "payment_connections",
        sa.Column("own_event_types", JSON, nullable=False, server_default=sa.text("'[]'")),
    )
    op.execute("GRANT SELECT (own_event_types) ON payment_connections TO sheaf_staff")
    make_disputes()
    op.execute("ALTER TABLE watches NO FORCE ROW LEVEL SECURITY")  # the owner looks once
    op.execute(WATCH)
    op.execute("ALTER TABLE watches FORCE ROW LEVEL SECURITY")


def make_disputes() -> None:
    tenant_table(
        "disputes",
        *cols(ID, "payment_id", "payable_id"),
        *cols(TEXT, "dispute_ref", "account_ref"),
        col("amount_minor", INT),
        *cols(TEXT, "currency", "status", "reason"),
        col("stops_refunds", FLAG),
        col("answer_by", TIME, null=True),
        col("opened_at", TIME),
        col("ended_at", TIME, null=True),
        col("recorded_at", TIME),
        inside("payment_id", "payments"),
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        unique("dispute_ref"),
    )
    index("disputes", "payment_id")
    index("disputes", "payable_id")
    protect("disputes", allow="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    """Take it back."""
    op.drop_table("disputes")
    op.drop_column("payment_connections", "own_event_types")
    op.drop_column("payments", "disputed_at")
    op.execute("ALTER TABLE watches NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM watches WHERE topic = 'money.sweep'")
    op.execute("ALTER TABLE watches FORCE ROW LEVEL SECURITY")
