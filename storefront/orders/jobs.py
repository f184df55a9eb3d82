"""What orders do when billing or the clock has news. Each is safe to run twice."""

from datetime import timedelta
from uuid import UUID

from billing.payments.queries import payments_of
from billing.payments.services import abandon_payment
from kernel import clock
from kernel.db import transaction
from kernel.jobs import job
from storefront.orders.models import OrderState
from storefront.orders.queries import lock_order
from storefront.orders.services import (
    close_open_pages,
    drop_unpaid,
    forget_old_keys,
    keep_waiting,
    settle_payment,
    settle_refund,
    stop_keeping,
)
from storefront.orders.services.pay_again import is_under_way

KEPT = timedelta(days=7)


@job(queue="urgent")
def on_payment_succeeded(*, payment_id: UUID, payable_id: UUID) -> None:
    """The order is paid."""
    settle_payment(payable_id=payable_id, payment_id=payment_id)


@job(queue="urgent")
def on_payment_died(*, payable_id: UUID) -> None:
    """An order that nothing can be paid for any more is cancelled."""
    drop_unpaid(payable_id=payable_id)


@job(queue="urgent")
def on_refund_moved(*, refund_id: UUID, payable_id: UUID) -> None:
    """The order shows what was paid back, or that it failed."""
    settle_refund(payable_id=payable_id, refund_id=refund_id)


@job(queue="urgent")
def on_payment_due(*, order_id: UUID) -> None:
    """The time to pay is over: the payment is closed, and news of that cancels the order. One
    that is under way is waited for; one whose time was made longer has another such job."""
    with transaction():
        order = lock_order(order_id)
        if order.state is not OrderState.AWAITING_PAYMENT:
            return
        if order.pay_by is not None and clock.now() < order.pay_by:
            return
        if is_under_way(payments_of(order_id)):
            keep_waiting(payable_id=order_id)
        else:
            abandon_payment(payable_id=order_id)


@job(queue="urgent")
def on_payment_slow(*, payable_id: UUID) -> None:
    """The order keeps its products for a while."""
    keep_waiting(payable_id=payable_id)


@job
def on_hold_due(*, order_id: UUID) -> None:
    """Products that were kept for slow money are for others again."""
    stop_keeping(order_id=order_id)


@job
def on_shop_stopped() -> None:
    """Nothing is paid for any more in a shop that does not sell."""
    close_open_pages()


@job(queue="sweep")
def sweep_checkout_keys() -> None:
    """A form's key is kept for a week; sent again later, its cart is empty and makes no order."""
    forget_old_keys(before=clock.now() - KEPT)
