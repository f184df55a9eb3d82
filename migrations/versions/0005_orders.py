"""Carts and orders."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Carts and orders."""


def downgrade() -> None:
    """Take it back."""
