"""A notice that a shop shows above everything else."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Shops that are there have none. The default lets the code before this one go on writing."""
    for name in ("notice_en", "notice_zh"):
        op.add_column(
            "shop_profiles", sa.Column(name, sa.Text(), nullable=False, server_default="")
        )


def downgrade() -> None:
    """Take it back."""
    for name in ("notice_zh", "notice_en"):
        op.drop_column("shop_profiles", name)
