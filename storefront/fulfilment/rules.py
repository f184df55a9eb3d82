"""The queues a packing day is worked through in."""

from enum import StrEnum

from billing.connections.models import PaymentMethod
from storefront.orders.models import Order, OrderState, PaidState
from storefront.orders.rules import may_become


class Queue(StrEnum):
    """Where an order waits, or where it ended; `REFUNDED` cuts across the others."""

    TO_PREPARE = "to-prepare"
    TO_PAY = "to-pay"
    READY = "ready"
    COLLECTED = "collected"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


def takes_payment(order: Order) -> bool:
    """Whether the money for an order may be taken by hand now."""
    waits = order.state in (OrderState.TO_PREPARE, OrderState.READY)
    by_hand = order.method is PaymentMethod.AT_PICKUP
    return waits and by_hand and order.paid_state is PaidState.UNPAID


def awaits_hand_over(order: Order) -> bool:
    """Whether an order may be given to whoever has its code."""
    return (
        may_become(order.state, OrderState.COLLECTED) and order.paid_state is not PaidState.UNPAID
    )
