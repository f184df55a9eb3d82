"""Catalogue, pick-up points, carts and orders."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Catalogue, pick-up points, carts and orders."""


def downgrade() -> None:
    """Take it back."""
