"""What happens to an order between packing and hand-over."""

import hmac
from uuid import UUID

from billing.payments.services import record_at_pickup
from kernel import clock
from kernel.db import transaction
from kernel.outbox import announce
from storefront.catalog.services import sell_stock
from storefront.fulfilment.errors import MoneyInQuestion, NotPaidYet, WrongCode
from storefront.fulfilment.rules import takes_payment
from storefront.orders.errors import NotPossibleNow
from storefront.orders.models import Order, OrderEventKind, OrderState, PaidState
from storefront.orders.queries import find_balance, lock_order
from storefront.orders.rules import may_become, plain_code
from storefront.orders.services import settle_payment
from storefront.orders.services.timeline import write_event
from tenants.audit.services import record


def mark_ready(*, order_id: UUID, anyway: str = "") -> Order:
    """The order is packed and its shopper hears of it. Refused unless it waits to be prepared, and
    while its money is back or in question, unless `anyway` says why."""
    with transaction():
        order = lock_order(order_id)
        _check(order, OrderState.READY)
        _ask_about_money(order, anyway)
        order.state, order.ready_at = OrderState.READY, clock.now()
        write_event(order, OrderEventKind.READY)
        announce("order.ready", order_id=order.id)
        record(action="order.ready", subject=str(order.id))
        return order


def take_payment(*, order_id: UUID, taken_by: UUID) -> Order:
    """The money for a pick-up order is in the till, and the record names who took it.

    Refused: an order that is cancelled, paid, or to be paid online.
    """
    with transaction():
        order = lock_order(order_id)
        if not takes_payment(order):
            raise NotPossibleNow(number=order.number)
        payment = record_at_pickup(payable_id=order.id, taken_by=taken_by)
        settle_payment(payable_id=order.id, payment_id=payment.id)
        return order


def mark_collected(*, order_id: UUID, code: str, anyway: str = "") -> Order:
    """The goods have changed hands and their stock is sold.

    Refused: a wrong code, an order that is not paid, one that is collected or cancelled, and one
    whose money is back or in question, unless `anyway` says why it goes out all the same.
    """
    with transaction():
        order = lock_order(order_id)
        if order.state is OrderState.AWAITING_PAYMENT:
            raise NotPaidYet(number=order.number)
        _check(order, OrderState.COLLECTED)
        if not hmac.compare_digest(plain_code(code).encode(), order.pickup_code.encode()):
            raise WrongCode(number=order.number)
        if order.paid_state is PaidState.UNPAID:
            raise NotPaidYet(number=order.number)
        _ask_about_money(order, anyway)
        sell_stock(reference=order.hold_ref)
        order.state, order.collected_at = OrderState.COLLECTED, clock.now()
        write_event(order, OrderEventKind.COLLECTED)
        announce("order.collected", order_id=order.id)
        record(action="order.collected", subject=str(order.id))
        return order


def _ask_about_money(order: Order, anyway: str) -> None:
    """Finding A5: goods follow money only by a person's named decision."""
    if not find_balance(order).is_in_question:
        return
    if not anyway.strip():
        raise MoneyInQuestion(number=order.number)
    write_event(order, OrderEventKind.WENT_ON, note=anyway.strip())
    record(action="order.went_on", subject=str(order.id), reason=anyway.strip())


def _check(order: Order, wanted: OrderState) -> None:
    if not may_become(order.state, wanted):
        raise NotPossibleNow(number=order.number)
