"""Paying a shopper back."""

from uuid import UUID

from billing.disputes.services import refuse_while_disputed
from kernel.db import transaction
from kernel.i18n import money_text
from kernel.money import Money
from storefront.orders.errors import (
    NothingToRefund,
    NotPossibleNow,
    ReasonNeeded,
    TooMuchToRefund,
)
from storefront.orders.models import Order
from storefront.orders.queries import left_to_refund, lock_order
from storefront.orders.services.hand_back import hand_back_all
from storefront.orders.services.pay_back import ask_for_the_money_back
from tenants.audit.services import record


def refund_order(
    *,
    order_id: UUID,
    amount: Money | None,
    reason: str,
    refunded_by: UUID,
    left: Money | None = None,
    handed_back: bool = False,
) -> Order:
    """The amount, or with None all that is left, goes back. The order itself stays. What was taken
    by hand waits until a person says that it is handed back; with `handed_back` it was just now.

    Refused: without a reason, nothing at all, more than was paid and not yet paid back, what the
    payer's bank claims back already, and when something else than `left` is left by now, so that
    a form sent twice pays back once.
    """
    if not reason.strip():
        raise ReasonNeeded
    with transaction():
        order = lock_order(order_id)
        refuse_while_disputed(payable_id=order.id)
        most = left_to_refund(order)
        if left is not None and left != most:
            raise NotPossibleNow(number=order.number)
        wanted = most if amount is None else amount
        if wanted.minor <= 0:
            raise NothingToRefund
        if wanted > most:
            raise TooMuchToRefund(most=money_text(most))
        ask_for_the_money_back(order, wanted, reason=reason.strip(), requested_by=refunded_by)
        if handed_back:
            hand_back_all(order, tell=True)
        record(
            action="order.refund_requested", subject=str(order.id), reason=reason.strip(),
            amount_minor=wanted.minor,
        )  # fmt: skip
        return order
