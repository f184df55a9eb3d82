"""Ending an order early."""

from uuid import UUID

from billing.payments.services import abandon_payment
from kernel.db import transaction
from kernel.outbox import announce
from storefront.orders.errors import NotPossibleNow, ReasonNeeded
from storefront.orders.models import CancelCause, Order, OrderState
from storefront.orders.queries import left_to_refund, lock_order
from storefront.orders.rules import may_become
from storefront.orders.services.hand_back import hand_back_all
from storefront.orders.services.pay_back import ask_for_the_money_back
from storefront.orders.services.settle import end_order
from tenants.audit.services import record


def cancel_order(
    *, order_id: UUID, reason: str, cancelled_by: UUID, handed_back: bool = False
) -> Order:
    """The order is over: its stock is for others again, what was paid goes back, an open payment
    is closed. Money that was taken by hand waits to be handed back, or was just now with
    `handed_back`. Refused: without a reason, and once it was collected or cancelled."""
    if not reason.strip():
        raise ReasonNeeded
    with transaction():
        order = lock_order(order_id)
        if not may_become(order.state, OrderState.CANCELLED):
            raise NotPossibleNow(number=order.number)
        end_and_pay_back(order, CancelCause.SHOP, reason.strip(), requested_by=cancelled_by)
        if handed_back:
            hand_back_all(order, tell=False)
        return order


def end_and_pay_back(
    order: Order, cause: CancelCause, reason: str, *, requested_by: UUID | None
) -> None:
    """A locked order is over; whatever was paid for it and is not back yet is asked back."""
    with transaction():
        end_order(order, cause, reason)
        abandon_payment(payable_id=order.id)
        rest = left_to_refund(order)
        if rest:
            ask_for_the_money_back(order, rest, reason=reason, requested_by=requested_by)
        announce("order.cancelled", order_id=order.id)
        record(action="order.cancelled", subject=str(order.id), reason=reason or cause.value)
