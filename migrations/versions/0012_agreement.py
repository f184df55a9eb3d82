"""What a cart's line was shown as; and the money of orders, payments and fees held still.

Guards stand in the database because they must hold whatever code runs above: amounts never
change, states only move along their steps, and nothing of it is deleted by the application.
"""

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import differ, keep_still, let_go, off_the_steps, set_again

revision = "0012"
down_revision = "0011"

SEEN = ("seen_name_en", "seen_name_zh", "seen_grower", "seen_unit", "seen_currency")

# What the tables of steps in Python say too; tests/rules/test_money_is_still.py compares them.
PAYMENT_STEPS = [
    ("requested", "open"), ("requested", "waiting"), ("requested", "processing"),
    ("requested", "failed"), ("requested", "expired"), ("requested", "succeeded"),
    ("open", "waiting"), ("open", "processing"), ("open", "failed"), ("open", "expired"),
    ("open", "succeeded"),
    ("waiting", "processing"), ("waiting", "failed"), ("waiting", "expired"),
    ("waiting", "succeeded"),
    ("processing", "failed"), ("processing", "expired"), ("processing", "succeeded"),
    ("failed", "succeeded"), ("expired", "succeeded"),
]  # fmt: skip
REFUND_STEPS = [
    ("requested", "pending"), ("requested", "succeeded"), ("requested", "failed"),
    ("pending", "succeeded"), ("pending", "failed"),
    ("succeeded", "failed"),
]  # fmt: skip
ORDER_STEPS = [
    ("awaiting_payment", "to_prepare"), ("awaiting_payment", "to_decide"),
    ("awaiting_payment", "cancelled"),
    ("to_decide", "to_prepare"), ("to_decide", "cancelled"),
    ("to_prepare", "ready"), ("to_prepare", "collected"), ("to_prepare", "cancelled"),
    ("ready", "collected"), ("ready", "cancelled"),
    ("cancelled", "to_prepare"),
]  # fmt: skip
PERIOD_STEPS = [("open", "closing"), ("closing", "closed")]
FIGURES = ("start_volume_minor", "net_volume_minor", "late_volume_minor", "fee_minor")

GUARDS = {
    ("payments", "asked"): differ(
        "payable_id", "method", "channel", "account_ref", "amount_minor", "currency", "requested_at"
    ),
    ("payments", "fee"): "OLD.state NOT IN ('requested', 'open') AND ("
    + differ("application_fee_minor", "fee_ppm", "plan_version_id")
    + ")",
    ("payments", "references"): set_again("charge_ref", "recorded_by"),
    ("payments", "steps"): off_the_steps("state", PAYMENT_STEPS),
    ("refunds", "asked"): differ(
        "payment_id", "payable_id", "amount_minor", "currency", "requested_by", "requested_at"
    ),
    ("refunds", "references"): set_again("refund_ref", "fee_refund_ref", "succeeded_at"),
    # One that was given up without ever reaching the provider may turn out to have been taken on.
    ("refunds", "steps"): off_the_steps("state", REFUND_STEPS)
    + " AND NOT (OLD.state = 'failed' AND OLD.refund_ref IS NULL)",
    ("orders", "agreed"): differ("number", "method", "currency", "total_minor", "placed_at"),
    ("orders", "steps"): off_the_steps("state", ORDER_STEPS),
    ("order_lines", "agreed"): "true",
    ("order_counters", "numbers"): "NEW.last_number <= OLD.last_number",
    ("buckets", "identity"): differ(
        "account_id", "period_id", "segment_id", "plan_version_id", "currency", "collection"
    ),
    # Figures move with a rating only, and each rating counts.
    ("buckets", "figures"): "NEW.rating_count < OLD.rating_count OR "
    f"(NEW.rating_count = OLD.rating_count AND ({differ(*FIGURES)}))",
    ("periods", "bounds"): differ("account_id", "n", "start_at", "end_at"),
    ("periods", "seal"): set_again("cutoff_recorded_at", "seal_hash"),
    ("periods", "steps"): off_the_steps("state", PERIOD_STEPS)
    + " OR (NEW.state = 'closed' AND NEW.seal_hash IS NULL)",
}
NEVER_DELETED = (
    "payments", "refunds", "orders", "order_lines", "order_counters", "buckets", "periods",
    "segments", "billing_accounts",
)  # fmt: skip


def upgrade() -> None:
    """Lines that are there already have nothing seen: it is not known what was shown."""
    for name in SEEN:
        op.add_column("cart_lines", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for (table, name), refused in GUARDS.items():
        keep_still(table, name, refused)
    for table in NEVER_DELETED:
        op.execute(f"REVOKE DELETE ON {table} FROM sheaf_app")


def downgrade() -> None:
    """Take it back."""
    for table in NEVER_DELETED:
        op.execute(f"GRANT DELETE ON {table} TO sheaf_app")
    for table, name in GUARDS:
        let_go(table, name)
    for name in SEEN:
        op.drop_column("cart_lines", name)
