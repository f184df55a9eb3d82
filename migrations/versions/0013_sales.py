"""Money that comes late, fails after all, or is settled outside; shops that stop."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

BEFORE = {
    ("orders", "state"): ["awaiting_payment", "to_prepare", "ready", "collected", "cancelled"],
    ("orders", "cancel_cause"): ["unpaid", "shop"],
    ("order_events", "kind"): [
        "placed", "paid", "ready", "collected", "cancelled", "taken_up_again", "paid_too_late",
        "refund_requested", "refunded", "refund_failed",
    ],
}  # fmt: skip
MORE = {
    ("orders", "state"): ["to_decide"],
    ("orders", "cancel_cause"): ["payment_failed", "shop_stopped", "day_refused"],
    ("order_events", "kind"): [
        "payment_failed", "stock_released", "paid_late", "moved", "settled", "went_on",
    ],
}  # fmt: skip
CHECKS = {
    ("orders", "state"): "ck_orders_orderstate",
    ("orders", "cancel_cause"): "ck_orders_cancelcause",
    ("order_events", "kind"): "ck_order_events_ordereventkind",
}


def upgrade() -> None:
    """New words for what may become of an order, and the two ends that late money has."""
    for place, words in BEFORE.items():
        _allow(place, words + MORE[place])
    for name in ("held_until", "refuse_by"):
        op.add_column("orders", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take them back; refused by the checks while any order stands under one of the new words."""
    for name in ("refuse_by", "held_until"):
        op.drop_column("orders", name)
    for place, words in BEFORE.items():
        _allow(place, words)


def _allow(place: tuple[str, str], words: list[str]) -> None:
    table, column = place
    known = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(op.f(CHECKS[place]), table, type_="check")
    op.create_check_constraint(op.f(CHECKS[place]), table, f"{column} IN ({known})")
