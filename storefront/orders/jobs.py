"""What orders do when billing or the clock has news. Each is safe to run twice."""

from datetime import timedelta
from uuid import UUID

from billing.payments.services import abandon_payment
from kernel import clock
from kernel.db import transaction
from kernel.jobs import job
from storefront.orders.models import OrderState
from storefront.orders.queries import lock_order
from storefront.orders.services import (
    drop_unpaid,
    forget_old_keys,
    settle_payment,
    settle_refund,
)

KEPT = timedelta(days=7)


@job
def on_payment_succeeded(*, payment_id: UUID, payable_id: UUID) -> None:
    """The order is paid."""
    settle_payment(payable_id=payable_id, payment_id=payment_id)


@job
def on_payment_died(*, payable_id: UUID) -> None:
    """An order that nothing can be paid for any more is cancelled."""
    drop_unpaid(payable_id=payable_id)


@job
def on_refund_moved(*, refund_id: UUID, payable_id: UUID) -> None:
    """The order shows what was paid back, or that it failed."""
    settle_refund(payable_id=payable_id, refund_id=refund_id)


@job
def on_payment_due(*, order_id: UUID) -> None:
    """The time to pay is over: the payment is closed, and news of that cancels the order."""
    with transaction():
        if lock_order(order_id).state is OrderState.AWAITING_PAYMENT:
            abandon_payment(payable_id=order_id)


@job
def sweep_checkout_keys() -> None:
    """A form's key is kept for a week; sent again later, its cart is empty and makes no order."""
    forget_old_keys(before=clock.now() - KEPT)
