"""People, sessions, shops' profiles, mail, media and the audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.tenancy import append_only, protect, share

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Tables first, then their guards."""
    op.add_column(
        "tenants", sa.Column("state_reason", sa.Text(), nullable=False, server_default="")
    )
    op.add_column("tenants", sa.Column("state_changed_at", sa.DateTime(timezone=True)))
    make_people()
    make_sessions()
    make_shops()
    make_post()
    guard_tables()


def make_people() -> None:
    """Who can sign in, and who is about to."""
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
    )
    op.create_table(
        "sign_ups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("shop_name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("invitation", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("codes_asked", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ups")),
    )
    op.create_index(op.f("ix_sign_ups_expires_at"), "sign_ups", ["expires_at"], unique=False)
    op.create_table(
        "password_resets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_password_resets_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
    )
    op.create_index(
        op.f("ix_password_resets_expires_at"), "password_resets", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_password_resets_person_id"), "password_resets", ["person_id"], unique=False
    )
    op.create_table(
        "person_tenants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_person_tenants_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_person_tenants_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_tenants")),
        sa.UniqueConstraint(
            "person_id", "tenant_id", name=op.f("uq_person_tenants_person_id_tenant_id")
        ),
    )
    op.create_index(
        op.f("ix_person_tenants_tenant_id"), "person_tenants", ["tenant_id"], unique=False
    )


def make_sessions() -> None:
    """Where people and visitors are known."""
    op.create_table(
        "throttle_counts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_throttle_counts")),
        sa.UniqueConstraint("key", "starts_at", name=op.f("uq_throttle_counts_key_starts_at")),
    )
    op.create_index(
        op.f("ix_throttle_counts_ends_at"), "throttle_counts", ["ends_at"], unique=False
    )
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "realm",
            sa.Enum(
                "merchant",
                "staff",
                name="realm",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_sessions_token_hash")),
    )
    op.create_index(
        op.f("ix_user_sessions_expires_at"), "user_sessions", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_user_sessions_subject_id"), "user_sessions", ["subject_id"], unique=False
    )
    op.create_table(
        "shopper_sessions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_shopper_sessions_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_shopper_sessions")),
        sa.UniqueConstraint(
            "tenant_id", "token_hash", name=op.f("uq_shopper_sessions_tenant_id_token_hash")
        ),
    )
    op.create_index(
        op.f("ix_shopper_sessions_tenant_id_expires_at"),
        "shopper_sessions",
        ["tenant_id", "expires_at"],
        unique=False,
    )


def make_shops() -> None:
    """What a shop looks like and who works there."""
    op.create_table(
        "invitations",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "manager",
                "packer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_invitations_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_invitations")),
    )
    op.create_index(
        op.f("ix_invitations_tenant_id_created_at"),
        "invitations",
        ["tenant_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "media_files",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_media_files_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_media_files")),
    )
    op.create_table(
        "memberships",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "manager",
                "packer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_memberships_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_memberships")),
        sa.UniqueConstraint(
            "tenant_id", "person_id", name=op.f("uq_memberships_tenant_id_person_id")
        ),
    )
    op.create_table(
        "shop_profiles",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("about_en", sa.Text(), nullable=False),
        sa.Column("about_zh", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("accent", sa.Text(), nullable=False),
        sa.Column("logo_id", sa.Uuid(), nullable=True),
        sa.Column("cover_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("languages", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sample_data", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "cover_id"],
            ["media_files.tenant_id", "media_files.id"],
            name=op.f("fk_shop_profiles_tenant_id_cover_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "logo_id"],
            ["media_files.tenant_id", "media_files.id"],
            name=op.f("fk_shop_profiles_tenant_id_logo_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_shop_profiles_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_shop_profiles")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_shop_profiles_tenant_id")),
    )


def make_post() -> None:
    """What was sent, and what was done."""
    op.create_table(
        "audit_entries",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_audit_entries_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("tenant_id", "hash", name=op.f("uq_audit_entries_tenant_id_hash")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_audit_entries_tenant_id_number")),
    )
    op.create_table(
        "audit_heads",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_audit_heads_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_heads")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_audit_heads_tenant_id")),
    )
    op.create_table(
        "mails",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("from_name", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.Text(), nullable=False),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sent",
                name="mailstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_mails_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_mails")),
    )
    op.create_index(
        op.f("ix_mails_tenant_id_reference"), "mails", ["tenant_id", "reference"], unique=False
    )


def guard_tables() -> None:
    """Grants and policies; staff read no hash, no token and no mail's text."""
    protect("media_files")
    protect("shop_profiles")
    protect("memberships")
    protect("invitations")
    protect("shopper_sessions", staff_columns=SHOPPER_SESSION)
    protect("mails", staff_columns=MAIL)
    append_only("audit_entries")
    protect("audit_heads", allow="SELECT, INSERT, UPDATE")
    share("people", staff_columns=PERSON)
    share("person_tenants")
    share("sign_ups", staff_columns=SIGN_UP)
    share("password_resets", staff_columns=RESET)
    share("user_sessions", staff_columns=SESSION)
    share("throttle_counts")


# What staff may read of tables that hold secrets.
SHOPPER_SESSION = ["tenant_id", "id", "created_at", "last_seen_at", "expires_at"]
MAIL = [
    "tenant_id", "id", "recipient", "subject", "kind", "reference", "from_name", "reply_to",
    "secret", "state", "created_at", "sent_at",
]  # fmt: skip
PERSON = ["id", "email", "name", "language", "created_at", "password_changed_at"]
SIGN_UP = [
    "id", "email", "name", "language", "shop_name", "slug", "currency", "time_zone", "attempts",
    "codes_asked", "created_at", "expires_at", "proven_at", "finished_at",
]  # fmt: skip
RESET = ["id", "email", "language", "person_id", "created_at", "expires_at", "used_at"]
SESSION = [
    "id", "realm", "subject_id", "device", "address", "created_at", "last_seen_at", "expires_at",
]  # fmt: skip


def downgrade() -> None:
    """Take it back."""
    for table in (
        "shop_profiles", "shopper_sessions", "person_tenants",
        "password_resets", "memberships", "media_files", "mails", "invitations", "audit_heads",
        "audit_entries", "user_sessions", "throttle_counts", "sign_ups", "people",
    ):  # fmt: skip
        op.drop_table(table)
    op.drop_column("tenants", "state_changed_at")
    op.drop_column("tenants", "state_reason")
