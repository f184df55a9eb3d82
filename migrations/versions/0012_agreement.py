"""What a cart's line was shown as."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

SEEN = ("seen_name_en", "seen_name_zh", "seen_grower", "seen_unit", "seen_currency")


def upgrade() -> None:
    """Empty on lines that are there already: nothing is known of what was shown."""
    for name in SEEN:
        op.add_column("cart_lines", sa.Column(name, sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    for name in SEEN:
        op.drop_column("cart_lines", name)
