"""Ending an order early."""

from uuid import UUID

from billing.payments.queries import refundable
from billing.payments.services import abandon_payment
from kernel import clock
from kernel.db import transaction
from kernel.money import Money
from kernel.outbox import announce
from storefront.catalog.services import release_stock
from storefront.orders.errors import NotPossibleNow, ReasonNeeded
from storefront.orders.models import CancelCause, Order, OrderEventKind, OrderState
from storefront.orders.queries import lock_order
from storefront.orders.rules import may_become
from storefront.orders.services.settle import ask_for_the_money_back
from storefront.orders.services.timeline import write_event
from tenants.audit.services import record


def cancel_order(*, order_id: UUID, reason: str, cancelled_by: UUID) -> Order:
    """The order is over: its stock is for others again, what was paid goes back, an open payment
    is closed. Refused: without a reason, and once it was collected or cancelled."""
    if not reason.strip():
        raise ReasonNeeded
    with transaction():
        order = lock_order(order_id)
        if not may_become(order.state, OrderState.CANCELLED):
            raise NotPossibleNow(number=order.number)
        release_stock(reference=order.hold_ref)
        order.state, order.cancelled_at = OrderState.CANCELLED, clock.now()
        order.cancel_cause, order.cancel_reason = CancelCause.SHOP, reason.strip()
        write_event(order, OrderEventKind.CANCELLED, note=order.cancel_reason)
        abandon_payment(payable_id=order.id)
        rest = refundable(order.id) or Money(0, order.currency)
        if rest:
            ask_for_the_money_back(
                order, rest, reason=order.cancel_reason, requested_by=cancelled_by
            )
        announce("order.cancelled", order_id=order.id)
        record(action="order.cancelled", subject=str(order.id), reason=order.cancel_reason)
        return order
