"""Refunds of which nobody can know yet what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """A refund can be of unknown outcome since a time and for a reason."""
    op.add_column("refunds", sa.Column("unknown_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "refunds", sa.Column("unknown_reason", sa.Text(), nullable=False, server_default="")
    )


def downgrade() -> None:
    """Take it back."""
    for name in ("unknown_reason", "unknown_since"):
        op.drop_column("refunds", name)
