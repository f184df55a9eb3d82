"""Payments that nobody can know about yet, and those that wait for the payer."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

STATES = ("requested", "open", "processing", "failed", "expired", "succeeded")


def upgrade() -> None:
    """A payment can wait for its payer, and can be out of reach since a time and for a reason."""
    op.add_column("payments", sa.Column("unknown_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "payments", sa.Column("unknown_reason", sa.Text(), nullable=False, server_default="")
    )
    allow_states(*STATES, "waiting")


def downgrade() -> None:
    """Take it back: who waits for the payer counts as under way."""
    op.execute("UPDATE payments SET state = 'processing' WHERE state = 'waiting'")
    allow_states(*STATES)
    for name in ("unknown_reason", "unknown_since"):
        op.drop_column("payments", name)


def allow_states(*states: str) -> None:
    named = ", ".join(f"'{state}'" for state in states)
    op.execute("ALTER TABLE payments DROP CONSTRAINT ck_payments_paymentstate")
    op.execute(
        f"ALTER TABLE payments ADD CONSTRAINT ck_payments_paymentstate CHECK (state IN ({named}))"
    )
