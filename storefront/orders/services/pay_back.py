"""What is asked back for an order, what has moved in all, and how people hear of a refund."""

from uuid import UUID

from billing.payments.models import PaymentState
from billing.payments.queries import payments_of
from billing.refunds.models import Refund, RefundState
from billing.refunds.queries import refunds_of
from billing.refunds.services import request_refund
from kernel.db import transaction
from kernel.money import Money
from kernel.outbox import announce
from storefront.orders.models import Order, OrderEventKind
from storefront.orders.rules import paid_state
from storefront.orders.services.timeline import write_event
from tenants.audit.services import record


def ask_for_the_money_back(
    order: Order, amount: Money, *, reason: str, requested_by: UUID | None
) -> Refund:
    """A refund of a locked order is asked for; the shopper hears when it has gone through."""
    with transaction():
        refund = request_refund(
            payable_id=order.id, amount=amount, reason=reason, requested_by=requested_by
        )
        write_event(
            order, OrderEventKind.REFUND_REQUESTED, amount_minor=amount.minor, note=reason,
            reference=refund.id,
        )  # fmt: skip
        return refund


def count_the_money(order: Order) -> None:
    """The order's paid state is what its payments and refunds come to. Call with it locked."""
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


def tell_of_refund(order: Order, refund: Refund, *, tell: bool) -> None:
    """Money that went back is in the order's timeline; its shopper hears once, with `tell`."""
    news = write_event(
        order, OrderEventKind.REFUNDED, amount_minor=refund.amount_minor, note=refund.reason,
        reference=refund.id,
    )  # fmt: skip
    if news:
        if tell:
            announce("order.refunded", order_id=order.id, refund_id=refund.id)
        record(action="order.refunded", subject=str(order.id), amount_minor=refund.amount_minor)


def tell_of_failure(order: Order, refund: Refund) -> None:
    """Money that did not go back is in the order's timeline; shopper and shop hear once."""
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
