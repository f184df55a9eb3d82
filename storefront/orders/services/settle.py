"""What news about money does to an order. All of it may come twice, late and in any order."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.payments.models import LIVE, Payment, PaymentState
from billing.payments.queries import payments_of
from billing.refunds.models import Refund, RefundState
from billing.refunds.queries import get_refund, refunds_of
from billing.refunds.services import request_refund
from kernel import clock
from kernel.db import for_update, new_id, transaction
from kernel.money import Money
from kernel.outbox import announce
from storefront.catalog.models import Product, ProductState
from storefront.catalog.services import hold_stock, release_stock
from storefront.orders.models import CancelCause, Order, OrderEventKind, OrderState
from storefront.orders.queries import find_locked_order, free_pickup_code, is_code_open
from storefront.orders.rules import may_be_taken_up_again, paid_state
from storefront.orders.services.timeline import is_told, write_event
from tenants.accounts.queries import get_profile
from tenants.audit.services import record


def settle_payment(*, payable_id: UUID, payment_id: UUID) -> None:
    """The order is paid and waits to be packed. Money for an order that was given up takes it up
    again if everything is still there; otherwise the money goes back by itself."""
    with transaction() as session:
        order = find_locked_order(payable_id)
        if order is None:
            return
        payment = next((p for p in payments_of(payable_id) if p.id == payment_id), None)
        if payment is None or payment.state is not PaymentState.SUCCEEDED:
            return
        news = not is_told(order, OrderEventKind.PAID, payment.id)
        if order.state is OrderState.CANCELLED and news:
            _take_up_again_or_pay_back(session, order, payment)
        elif order.state is OrderState.AWAITING_PAYMENT:
            order.state = OrderState.TO_PREPARE
        _count_the_money(order)
        if not write_event(
            order, OrderEventKind.PAID, amount_minor=payment.amount_minor, reference=payment.id
        ):
            return
        if order.state is not OrderState.CANCELLED:
            announce("order.paid", order_id=order.id)
            _pay_back_what_was_paid_twice(order, payment)
        record(action="order.paid", subject=str(order.id), amount_minor=payment.amount_minor)


def drop_unpaid(*, payable_id: UUID) -> None:
    """An order whose last payment has died is cancelled and its stock is for others again."""
    with transaction():
        order = find_locked_order(payable_id)
        if order is None or order.state is not OrderState.AWAITING_PAYMENT:
            return
        states = {payment.state for payment in payments_of(payable_id)}
        if PaymentState.SUCCEEDED in states or states & LIVE:
            return
        release_stock(reference=order.hold_ref)
        order.state, order.cancelled_at = OrderState.CANCELLED, clock.now()
        order.cancel_cause = CancelCause.UNPAID
        write_event(order, OrderEventKind.CANCELLED)
        announce("order.cancelled", order_id=order.id)
        record(action="order.cancelled", subject=str(order.id), reason="not paid in time")


def settle_refund(*, payable_id: UUID, refund_id: UUID) -> None:
    """The order shows what has been paid back, or that paying back has failed."""
    with transaction():
        order = find_locked_order(payable_id)
        if order is None:
            return
        refund = get_refund(refund_id)
        _count_the_money(order)
        if refund.state is RefundState.SUCCEEDED:
            _tell_of_refund(order, refund)
        elif refund.state is RefundState.FAILED:
            _tell_of_failure(order, refund)


def ask_for_the_money_back(
    order: Order, amount: Money, *, reason: str, requested_by: UUID | None
) -> Refund:
    """A refund of a locked order is on its way; the shopper hears when it has gone through."""
    with transaction():
        refund = request_refund(
            payable_id=order.id, amount=amount, reason=reason, requested_by=requested_by
        )
        write_event(
            order, OrderEventKind.REFUND_REQUESTED, amount_minor=amount.minor, note=reason,
            reference=refund.id,
        )  # fmt: skip
        return refund


def _tell_of_refund(order: Order, refund: Refund) -> None:
    news = write_event(
        order, OrderEventKind.REFUNDED, amount_minor=refund.amount_minor, note=refund.reason,
        reference=refund.id,
    )  # fmt: skip
    if news:
        announce("order.refunded", order_id=order.id, refund_id=refund.id)
        record(action="order.refunded", subject=str(order.id), amount_minor=refund.amount_minor)


def _tell_of_failure(order: Order, refund: Refund) -> None:
    news = write_event(
        order, OrderEventKind.REFUND_FAILED, amount_minor=refund.amount_minor,
        note=refund.failure, reference=refund.id,
    )  # fmt: skip
    if news:
        announce("order.refund_failed", order_id=order.id, refund_id=refund.id)
        record(
            action="order.refund_failed", subject=str(order.id), amount_minor=refund.amount_minor,
            failure=refund.failure,
        )  # fmt: skip


def _count_the_money(order: Order) -> None:
    paid = sum(
        payment.amount_minor
        for payment in payments_of(order.id)
        if payment.state is PaymentState.SUCCEEDED
    )
    back = sum(
        refund.amount_minor
        for refund in refunds_of(order.id)
        if refund.state is RefundState.SUCCEEDED
    )
    order.paid_state = paid_state(paid_minor=paid, refunded_minor=back)


def _take_up_again_or_pay_back(session: Session, order: Order, payment: Payment) -> None:
    today = clock.now().astimezone(ZoneInfo(get_profile().time_zone)).date()
    wanted = {line.product_id: line.ordered_milli for line in order.lines}
    if may_be_taken_up_again(
        cause=order.cancel_cause, pickup_on=order.pickup_on, today=today
    ) and _all_there(session, wanted):
        order.hold_ref = new_id()
        hold_stock(reference=order.hold_ref, quantities=wanted)
        if is_code_open(order.pickup_code):
            order.pickup_code = free_pickup_code()
        order.state, order.cancelled_at, order.cancel_cause = OrderState.TO_PREPARE, None, None
        write_event(order, OrderEventKind.TAKEN_UP_AGAIN, reference=payment.id)
        return
    write_event(order, OrderEventKind.PAID_TOO_LATE, reference=payment.id)
    if payment.refundable:
        ask_for_the_money_back(order, payment.refundable, reason="", requested_by=None)
    announce("order.paid_too_late", order_id=order.id)


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
