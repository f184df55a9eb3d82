"""Carts, orders and the shoppers who placed them."""

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import append_only, protect

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Tables first, then their guards."""
    make_carts()
    make_orders()
    make_lines()
    for table in ("carts", "cart_lines", "order_counters", "orders", "order_lines"):
        protect(table)
    append_only("order_events")
    protect("checkout_keys", staff_columns=["tenant_id", "id", "order_id", "made_at"])
    protect("shopper_sign_ins")
    protect(
        "sign_in_codes",
        staff_columns=["tenant_id", "id", "email", "attempts", "asked_at", "expires_at"],
    )


def make_carts() -> None:
    """Carts, and who has proven an address."""
    op.create_table(
        "carts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shopper_session_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_carts_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_carts")),
        sa.UniqueConstraint(
            "tenant_id", "shopper_session_id", name=op.f("uq_carts_tenant_id_shopper_session_id")
        ),
    )
    op.create_table(
        "cart_lines",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("seen_price_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity_milli > 0", name=op.f("ck_cart_lines_some")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "cart_id"],
            ["carts.tenant_id", "carts.id"],
            name=op.f("fk_cart_lines_tenant_id_cart_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products.tenant_id", "products.id"],
            name=op.f("fk_cart_lines_tenant_id_product_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_cart_lines_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_cart_lines")),
        sa.UniqueConstraint(
            "tenant_id",
            "cart_id",
            "product_id",
            name=op.f("uq_cart_lines_tenant_id_cart_id_product_id"),
        ),
    )
    op.create_index(
        op.f("ix_cart_lines_tenant_id_product_id"),
        "cart_lines",
        ["tenant_id", "product_id"],
        unique=False,
    )
    op.create_table(
        "shopper_sign_ins",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shopper_session_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_shopper_sign_ins_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_shopper_sign_ins")),
        sa.UniqueConstraint(
            "tenant_id",
            "shopper_session_id",
            name=op.f("uq_shopper_sign_ins_tenant_id_shopper_session_id"),
        ),
    )
    op.create_index(
        op.f("ix_shopper_sign_ins_tenant_id_email"),
        "shopper_sign_ins",
        ["tenant_id", "email"],
        unique=False,
    )
    op.create_table(
        "sign_in_codes",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shopper_session_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_sign_in_codes_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_sign_in_codes")),
        sa.UniqueConstraint(
            "tenant_id",
            "shopper_session_id",
            name=op.f("uq_sign_in_codes_tenant_id_shopper_session_id"),
        ),
    )


def make_orders() -> None:
    """Orders and the numbers they are given."""
    op.create_table(
        "order_counters",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_order_counters_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_order_counters")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_order_counters_tenant_id")),
    )
    op.create_table(
        "orders",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "awaiting_payment",
                "to_prepare",
                "ready",
                "collected",
                "cancelled",
                name="orderstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "paid_state",
            sa.Enum(
                "unpaid",
                "paid",
                "part_refunded",
                "refunded",
                name="paidstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "method",
            sa.Enum(
                "stripe",
                "at_pickup",
                name="paymentmethod",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("hold_ref", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("pickup_point_id", sa.Uuid(), nullable=False),
        sa.Column("pickup_on", sa.Date(), nullable=False),
        sa.Column("pickup_opens", sa.Time(), nullable=False),
        sa.Column("pickup_closes", sa.Time(), nullable=False),
        sa.Column("place_en", sa.Text(), nullable=False),
        sa.Column("place_zh", sa.Text(), nullable=False),
        sa.Column("place_address", sa.Text(), nullable=False),
        sa.Column("pickup_code", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pay_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "cancel_cause",
            sa.Enum(
                "unpaid",
                "shop",
                name="cancelcause",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_orders_cancelled")
        ),
        sa.CheckConstraint(
            "paid_state <> 'unpaid' OR state <> 'collected'", name=op.f("ck_orders_collected")
        ),
        sa.CheckConstraint(
            "paid_state = 'unpaid' OR state <> 'awaiting_payment'", name=op.f("ck_orders_paid")
        ),
        sa.CheckConstraint(
            "(cancelled_at IS NULL) = (cancel_cause IS NULL)", name=op.f("ck_orders_cause")
        ),
        sa.CheckConstraint("total_minor > 0", name=op.f("ck_orders_total")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pickup_point_id"],
            ["pickup_points.tenant_id", "pickup_points.id"],
            name=op.f("fk_orders_tenant_id_pickup_point_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_orders_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_orders")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_orders_tenant_id_number")),
    )
    op.create_index(
        op.f("ix_orders_tenant_id_contact_email"),
        "orders",
        ["tenant_id", "contact_email"],
        unique=False,
    )
    op.create_index(
        op.f("ix_orders_tenant_id_pickup_point_id"),
        "orders",
        ["tenant_id", "pickup_point_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_orders_tenant_id_state_pickup_on"),
        "orders",
        ["tenant_id", "state", "pickup_on"],
        unique=False,
    )
    op.create_index(
        "uq_orders_open_pickup_code",
        "orders",
        ["tenant_id", "pickup_code"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('collected', 'cancelled')"),
    )
    op.create_table(
        "checkout_keys",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_checkout_keys_tenant_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_checkout_keys_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_checkout_keys")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_checkout_keys_tenant_id_key")),
    )
    op.create_index(
        op.f("ix_checkout_keys_tenant_id_order_id"),
        "checkout_keys",
        ["tenant_id", "order_id"],
        unique=False,
    )


def make_lines() -> None:
    """What is in an order, and what happened to it."""
    op.create_table(
        "order_lines",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("grower", sa.Text(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "kg",
                "jin",
                "l",
                "each",
                "box",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("ordered_milli", sa.BigInteger(), nullable=False),
        sa.Column("priced_milli", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "price_origin",
            sa.Enum(
                "list", name="priceorigin", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("product_version", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("sum_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "ordered_milli > 0 AND priced_milli >= 0", name=op.f("ck_order_lines_quantities")
        ),
        sa.CheckConstraint(
            "unit_price_minor >= 0 AND sum_minor >= 0", name=op.f("ck_order_lines_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_order_lines_tenant_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products.tenant_id", "products.id"],
            name=op.f("fk_order_lines_tenant_id_product_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_order_lines_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint(
            "tenant_id",
            "order_id",
            "product_id",
            name=op.f("uq_order_lines_tenant_id_order_id_product_id"),
        ),
    )
    op.create_index(
        op.f("ix_order_lines_tenant_id_product_id"),
        "order_lines",
        ["tenant_id", "product_id"],
        unique=False,
    )
    op.create_table(
        "order_events",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "placed",
                "paid",
                "ready",
                "collected",
                "cancelled",
                "taken_up_again",
                "paid_too_late",
                "refund_requested",
                "refunded",
                "refund_failed",
                name="ordereventkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("reference", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_order_events_tenant_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_order_events_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_order_events")),
        sa.UniqueConstraint(
            "tenant_id",
            "order_id",
            "kind",
            "reference",
            name=op.f("uq_order_events_tenant_id_order_id_kind_reference"),
        ),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("order_lines")
    op.drop_table("order_events")
    op.drop_table("checkout_keys")
    op.drop_table("cart_lines")
    op.drop_table("orders")
    op.drop_table("sign_in_codes")
    op.drop_table("shopper_sign_ins")
    op.drop_table("order_counters")
    op.drop_table("carts")
