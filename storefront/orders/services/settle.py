"""What news of a payment or refund does to its order. It may come twice, late and in any order."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.payments.models import LIVE, Payment, PaymentState
from billing.payments.queries import payments_of
from billing.refunds.models import RefundState
from billing.refunds.queries import get_refund
from kernel import clock
from kernel.db import for_update, new_id, transaction
from kernel.money import Money
from kernel.outbox import announce
from storefront.catalog.models import Product, ProductState
from storefront.catalog.services import hold_stock, release_stock
from storefront.orders.models import CancelCause, Order, OrderEventKind, OrderState
from storefront.orders.queries import find_locked_order, free_pickup_code, is_code_open
from storefront.orders.rules import comes_too_late, may_be_taken_up_again, pickup_end
from storefront.orders.services.pay_again import let_pay_again
from storefront.orders.services.pay_back import (
    ask_for_the_money_back,
    count_the_money,
    tell_of_failure,
    tell_of_refund,
)
from storefront.orders.services.timeline import is_told, write_event
from tenants.accounts.models import TenantState
from tenants.accounts.queries import get_profile, is_selling, shop_state
from tenants.audit.services import record


def settle_payment(*, payable_id: UUID, payment_id: UUID) -> None:
    """The order is paid and waits to be packed; where its day can no longer be reached, it waits
    for the shop to decide. Money for an order that was given up takes it up again if everything is
    still there; otherwise, and in a closed shop always, the money goes back by itself."""
    with transaction() as session:
        order = find_locked_order(payable_id)
        if order is None:
            return
        payment = next((p for p in payments_of(payable_id) if p.id == payment_id), None)
        if payment is None or payment.state is not PaymentState.SUCCEEDED:
            return
        _settle(session, order, payment)


def settle_refund(*, payable_id: UUID, refund_id: UUID, tell: bool = True) -> None:
    """The order shows what has been paid back, or that paying back has failed; its shopper hears of
    it once, unless another mail tells. News of a payment that is on its way here counts first:
    nothing is paid back of an order that is not paid."""
    with transaction() as session:
        order = find_locked_order(payable_id)
        if order is None:
            return
        for payment in payments_of(payable_id):
            if payment.state is PaymentState.SUCCEEDED:
                _settle(session, order, payment)
        refund = get_refund(refund_id)
        count_the_money(order)
        if refund.state is RefundState.SUCCEEDED:
            tell_of_refund(order, refund, tell=tell)
        elif refund.state is RefundState.FAILED:
            tell_of_failure(order, refund)


def drop_unpaid(*, payable_id: UUID) -> None:
    """An order whose last payment has died can be paid in another way while there is time for it;
    after that it is cancelled and its stock is for others again."""
    with transaction():
        order = find_locked_order(payable_id)
        if order is None or order.state is not OrderState.AWAITING_PAYMENT:
            return
        payments = payments_of(payable_id)
        states = {payment.state for payment in payments}
        if PaymentState.SUCCEEDED in states or states & LIVE or let_pay_again(order, payments):
            return
        cause = CancelCause.UNPAID
        if not is_selling():
            cause = CancelCause.SHOP_STOPPED
        elif PaymentState.FAILED in states:
            cause = CancelCause.PAYMENT_FAILED
        end_order(order, cause)
        announce("order.cancelled", order_id=order.id)
        record(action="order.cancelled", subject=str(order.id), reason=cause.value)


def end_order(order: Order, cause: CancelCause, reason: str = "") -> None:
    """A locked order is over and its stock is for others again."""
    release_stock(reference=order.hold_ref)
    order.state, order.cancelled_at = OrderState.CANCELLED, clock.now()
    order.cancel_cause, order.cancel_reason = cause, reason
    write_event(order, OrderEventKind.CANCELLED, note=reason)


def _settle(session: Session, order: Order, payment: Payment) -> None:
    news = not is_told(order, OrderEventKind.PAID, payment.id)
    if order.state is OrderState.CANCELLED and news:
        _take_up_again_or_pay_back(session, order, payment)
    elif order.state is OrderState.AWAITING_PAYMENT:
        _accept(order, payment)
    count_the_money(order)
    if not write_event(
        order, OrderEventKind.PAID, amount_minor=payment.amount_minor, reference=payment.id
    ):
        return
    if order.state is not OrderState.CANCELLED:
        late = order.state is OrderState.TO_DECIDE
        announce("order.paid_late" if late else "order.paid", order_id=order.id)
        _pay_back_what_was_paid_twice(order, payment)
    record(action="order.paid", subject=str(order.id), amount_minor=payment.amount_minor)


def _accept(order: Order, payment: Payment) -> None:
    if shop_state() is TenantState.CLOSED:
        end_order(order, CancelCause.SHOP_STOPPED)
        record(
            action="order.cancelled", subject=str(order.id), reason=CancelCause.SHOP_STOPPED.value
        )
        _pay_back(order, payment)
        announce("order.paid_too_late", order_id=order.id)
    elif _is_too_late(order):
        release_stock(reference=order.hold_ref)
        order.state = OrderState.TO_DECIDE
        write_event(order, OrderEventKind.PAID_LATE, reference=payment.id)
    else:
        order.state = OrderState.TO_PREPARE


def _is_too_late(order: Order) -> bool:
    ends = pickup_end(order, ZoneInfo(get_profile().time_zone))
    return comes_too_late(pickup_ends=ends, held_until=order.held_until, now=clock.now())


def _take_up_again_or_pay_back(session: Session, order: Order, payment: Payment) -> None:
    wanted = {line.product_id: line.ordered_milli for line in order.lines}
    if may_be_taken_up_again(
        cause=order.cancel_cause, too_late=_is_too_late(order), selling=is_selling()
    ) and _all_there(session, wanted):
        order.hold_ref = new_id()
        hold_stock(reference=order.hold_ref, quantities=wanted)
        if is_code_open(order.pickup_code):
            order.pickup_code = free_pickup_code()
        order.state, order.cancelled_at, order.cancel_cause = OrderState.TO_PREPARE, None, None
        write_event(order, OrderEventKind.TAKEN_UP_AGAIN, reference=payment.id)
        return
    write_event(order, OrderEventKind.PAID_TOO_LATE, reference=payment.id)
    _pay_back(order, payment)
    announce("order.paid_too_late", order_id=order.id)


def _pay_back(order: Order, payment: Payment) -> None:
    if payment.refundable:
        ask_for_the_money_back(order, payment.refundable, reason="", requested_by=None)


def _all_there(session: Session, wanted: dict[UUID, int]) -> bool:
    query = select(Product).where(Product.id.in_(wanted)).order_by(Product.id)
    products: Sequence[Product] = session.scalars(for_update(query)).all()
    return all(
        product.state is ProductState.PUBLISHED and product.stock_milli >= wanted[product.id]
        for product in products
    )


def _pay_back_what_was_paid_twice(order: Order, payment: Payment) -> None:
    paid = [p for p in payments_of(order.id) if p.state is PaymentState.SUCCEEDED]
    excess = sum(p.amount_minor for p in paid) - order.total_minor
    excess = min(excess, payment.refundable.minor)
    if excess > 0:
        ask_for_the_money_back(order, Money(excess, order.currency), reason="", requested_by=None)
