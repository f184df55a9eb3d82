"""Plans, metering, payments, refunds and the provider's events."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Plans, metering, payments, refunds and the provider's events."""


def downgrade() -> None:
    """Take it back."""
