"""The people who run Sheaf, and their recovery codes."""

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import share

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Staff may read who is staff, never what proves it."""
    op.create_table(
        "staff_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_secret", sa.Text(), nullable=False),
        sa.Column("last_totp_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_members")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_members_email")),
    )
    op.create_table(
        "staff_recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_members.id"], name=op.f("fk_staff_recovery_codes_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_recovery_codes")),
        sa.UniqueConstraint(
            "staff_id", "code_hash", name=op.f("uq_staff_recovery_codes_staff_id_code_hash")
        ),
    )
    share(
        "staff_members",
        allow="SELECT, INSERT, UPDATE",
        staff_columns=["id", "email", "name", "created_at", "last_sign_in_at", "left_at"],
    )
    share(
        "staff_recovery_codes",
        allow="SELECT, INSERT, UPDATE",
        staff_columns=["id", "staff_id", "used_at"],
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("staff_recovery_codes")
    op.drop_table("staff_members")
