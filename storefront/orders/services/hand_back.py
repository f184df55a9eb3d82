"""What people of the shop say of money: that it is in the shopper's hand, or made good outside."""

from uuid import UUID

from billing.connections.models import PaymentMethod
from billing.payments.queries import payments_of
from billing.refunds.models import RefundState
from billing.refunds.queries import get_refund, refunds_of
from billing.refunds.services import confirm_handed_back
from kernel.db import transaction
from storefront.orders.errors import NotPossibleNow, ReasonNeeded
from storefront.orders.models import Order, OrderEventKind
from storefront.orders.queries import find_balance, lock_order
from storefront.orders.services.settle import settle_refund
from storefront.orders.services.timeline import write_event
from tenants.audit.services import record


def hand_back_money(*, order_id: UUID, refund_id: UUID) -> Order:
    """The person signed in has handed this refund to the shopper, who is told. Refused: twice."""
    with transaction():
        order = lock_order(order_id)
        refund = get_refund(refund_id)
        if refund.payable_id != order.id or refund.state is not RefundState.REQUESTED:
            raise NotPossibleNow(number=order.number)
        confirm_handed_back(refund_id=refund_id)
        settle_refund(payable_id=order.id, refund_id=refund_id)
        record(action="order.handed_back", subject=str(order.id), amount_minor=refund.amount_minor)
        return order


def hand_back_all(order: Order, *, tell: bool) -> None:
    """Whatever of a locked order waits to be handed back was handed back just now. Without `tell`
    there is no mail of its own: another one says so."""
    by_hand = {one.id for one in payments_of(order.id) if one.method is PaymentMethod.AT_PICKUP}
    for refund in refunds_of(order.id):
        if refund.payment_id in by_hand and refund.state is RefundState.REQUESTED:
            confirm_handed_back(refund_id=refund.id)
            settle_refund(payable_id=order.id, refund_id=refund.id, tell=tell)


def settle_otherwise(*, order_id: UUID, refund_id: UUID, note: str) -> Order:
    """A refund that failed is made good outside, as the person signed in says and why; the sum is
    not offered for paying back again. Refused: without a word, unless it failed and is still open.
    """
    if not note.strip():
        raise ReasonNeeded
    with transaction():
        order = lock_order(order_id)
        refund = get_refund(refund_id)
        amount = min(refund.amount_minor, find_balance(order).back_failed)
        ours = refund.payable_id == order.id and refund.state is RefundState.FAILED
        if not ours or amount <= 0 or not write_event(
            order, OrderEventKind.SETTLED, amount_minor=amount, note=note.strip(),
            reference=refund.id,
        ):  # fmt: skip
            raise NotPossibleNow(number=order.number)
        record(
            action="order.settled", subject=str(order.id), reason=note.strip(), amount_minor=amount
        )
        return order
