"""When Stripe was last asked about a payment, and accounts that a shop has left."""

from alembic import op

from migrations.tables import ID, TEXT, TIME, choice, col, cols, index, sa, tenant_table
from migrations.tenancy import protect

revision = "0014"
down_revision = "0013"

TIMES = ("asked_at", "final_read_at")
# Staff see that an account was left, never what is sealed.
OPEN = [
    "tenant_id", "id", "mode", "account_ref", "endpoint_id", "webhook_ref", "left_at",
    "settled_at",
]  # fmt: skip


def upgrade() -> None:
    """The keys of an account that was left stay until its money is settled."""
    for name in TIMES:
        op.add_column("payments", col(name, TIME, null=True))
    op.add_column(
        "provider_events", sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0")
    )
    tenant_table(
        "former_accounts",
        choice("mode", "connectionmode", "none", "connect", "own_keys"),
        col("account_ref", TEXT),
        col("key_sealed", TEXT, null=True),
        col("endpoint_id", ID, null=True),
        *cols(TEXT, "webhook_ref", "webhook_secret_sealed", null=True),
        col("left_at", TIME),
        col("settled_at", TIME, null=True),
    )
    index("former_accounts", "account_ref")
    protect("former_accounts", staff_columns=OPEN)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("former_accounts")
    op.drop_column("provider_events", "turn")
    for name in TIMES:
        op.drop_column("payments", name)
