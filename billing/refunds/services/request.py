"""Giving money back."""

from uuid import UUID

from billing.connections.models import PaymentMethod
from billing.disputes.services import refuse_while_disputed
from billing.payments.models import Payment
from billing.payments.queries import payments_of
from billing.refunds.errors import NothingToRefund, RefundTooLarge
from billing.refunds.models import Refund
from billing.refunds.rules import SWEPT
from billing.refunds.services.apply import count
from kernel import clock
from kernel.db import db, transaction
from kernel.money import Money
from kernel.outbox import announce, keep_watch


def request_refund(
    *, payable_id: UUID, amount: Money, reason: str, requested_by: UUID | None
) -> Refund:
    """This much is to go back to the shopper: by Stripe, or by hand where it was taken by hand.

    Money that arrived in several payments goes back as several refunds, the first is returned.
    Refused: more than is left of what was paid, counting refunds that are still on their way, and
    what the payer's bank claims back already.
    """
    with transaction():
        payments = [one for one in payments_of(payable_id, lock=True) if one.refundable]
        if not payments:
            refuse_while_disputed(payable_id=payable_id)
            raise NothingToRefund
        left = sum((one.refundable for one in payments[1:]), payments[0].refundable)
        if not 0 < amount.minor <= left.minor or amount.currency != left.currency:
            raise RefundTooLarge(left=f"{left.decimal} {left.currency}")
        made = []
        for payment in _fewest(payments, amount):
            part = min(amount, payment.refundable)
            made.append(_give_back(payment, part, reason, requested_by))
            amount -= part
            if not amount:
                break
        return made[0]


def _fewest(payments: list[Payment], amount: Money) -> list[Payment]:
    """One payment that covers it all, the newest first; otherwise all, the largest first."""
    for payment in reversed(payments):
        if payment.refundable >= amount:
            return [payment]
    return sorted(payments, key=lambda one: one.refundable, reverse=True)


def _give_back(payment: Payment, amount: Money, reason: str, requested_by: UUID | None) -> Refund:
    refund = Refund(
        payment_id=payment.id,
        payable_id=payment.payable_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        reason=reason,
        requested_by=requested_by,
    )
    db.session.add(refund)
    db.session.flush()
    count(payment)
    keep_watch("money.sweep", clock.now() + SWEPT)
    if payment.method is PaymentMethod.STRIPE:
        announce("refund.requested", refund_id=refund.id)
    return refund
