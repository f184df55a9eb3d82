"""Money that takes its time: how long its products stay, and another try when it fails."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from billing.connections.queries import offered_methods
from billing.payments.models import Payment, PaymentState
from billing.payments.queries import payments_of
from billing.payments.services import request_payment
from kernel import clock
from kernel.db import transaction
from kernel.outbox import announce
from storefront.catalog.services import release_stock
from storefront.orders.balance import AT_THE_BANK
from storefront.orders.models import Order, OrderEventKind, OrderState
from storefront.orders.queries import find_locked_order
from storefront.orders.services.timeline import write_event
from storefront.pickup.queries import get_point
from storefront.pickup.rules import cut_off
from tenants.accounts.queries import get_profile, is_selling
from tenants.audit.services import record

ANOTHER_TRY = timedelta(hours=24)
SHORTEST = timedelta(minutes=5)  # less is no time to pay in


def keep_waiting(*, payable_id: UUID) -> None:
    """While its money is under way, or nobody can see whether it came, an order keeps its products
    up to the last moment for which it can still be packed; the shopper is told until when."""
    with transaction():
        order = find_locked_order(payable_id)
        if order is None or order.state is not OrderState.AWAITING_PAYMENT:
            return
        if order.held_until is not None or not is_under_way(payments_of(order.id)):
            return
        order.held_until = last_call(order)
        announce("order.hold_due", due_at=order.held_until, order_id=order.id)
        announce("order.waits", order_id=order.id)


def stop_keeping(*, order_id: UUID) -> None:
    """Products that were kept for slow money go back on sale. The order goes on waiting for its
    money, and for a decision of the shop; it is neither paid nor failed."""
    with transaction():
        order = find_locked_order(order_id)
        if order is None or order.state is not OrderState.AWAITING_PAYMENT:
            return
        if order.held_until is None or clock.now() < order.held_until:
            return
        if write_event(order, OrderEventKind.STOCK_RELEASED, reference=order.hold_ref):
            release_stock(reference=order.hold_ref)
            record(action="order.stock_released", subject=str(order.id))


def let_pay_again(order: Order, payments: Sequence[Payment]) -> bool:
    """Whether another payment is waited for now: after one that failed, within a time; after a
    page that ended by itself, for the rest of the time. Call with the order locked."""
    last, now = payments[-1], clock.now()
    failed = last.state is PaymentState.FAILED
    if not failed and last.abandoned_at is not None:
        return False
    until = min(now + ANOTHER_TRY, last_call(order)) if failed else order.pay_by
    if until is None or until < now + SHORTEST:
        return False
    if not is_selling() or order.method not in offered_methods():
        return False
    request_payment(payable_id=order.id, amount=order.total, method=order.method)
    if failed:
        order.pay_by = until
        write_event(order, OrderEventKind.PAYMENT_FAILED, reference=last.id)
        announce("order.payment_due", due_at=until, order_id=order.id)
        announce("order.payment_failed", order_id=order.id)
        record(action="order.payment_failed", subject=str(order.id))
    return True


def is_under_way(payments: Sequence[Payment]) -> bool:
    """Whether money may come that nobody can hurry: at a bank, or where nobody can look."""
    return any(
        one.state in AT_THE_BANK
        or (one.unknown_since is not None and one.state is not PaymentState.SUCCEEDED)
        for one in payments
    )


def last_call(order: Order) -> datetime:
    """The cut-off of the order's own day; what was promised when it was placed stays promised."""
    zone = ZoneInfo(get_profile().time_zone)
    lead = get_point(order.pickup_point_id).lead_hours
    cut = cut_off(order.pickup_on, order.pickup_opens, lead, zone)
    return max(cut, order.pay_by) if order.pay_by is not None else cut
