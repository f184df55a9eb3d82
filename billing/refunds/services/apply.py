"""Moving a refund forward to what Stripe says, and what follows from its end."""

from uuid import UUID

from billing import gateway
from billing.metering.rules import refund_part
from billing.payments.errors import ProviderMismatch
from billing.payments.models import Payment
from billing.payments.queries import get_payment
from billing.refunds.models import Refund, RefundState
from billing.refunds.queries import fee_paid_back, find_refund_by_ref, get_refund, given_back
from billing.refunds.rules import moves_forward, state_of
from kernel import clock
from kernel.db import db, transaction
from kernel.outbox import announce

OUTSIDE = "stripe"  # the reason of a refund that was made in Stripe's own dashboard


def apply_refund(*, payment_id: UUID, told: gateway.Refund) -> Refund:
    """Record a refund's present state at Stripe; one made there by hand becomes ours as well.

    Raises ProviderMismatch, with nothing changed, when it is not what we asked for.
    """
    with transaction():
        payment = get_payment(payment_id, lock=True)
        if told.payment_id != payment.intent_ref or told.amount.currency != payment.currency:
            raise ProviderMismatch("the refund is of something else")
        refund = _find(payment, told) or _adopt(payment, told)
        if told.amount != refund.amount or refund.refund_ref not in {None, told.id}:
            raise ProviderMismatch("another refund is known under this name")
        refund.refund_ref, refund.occurred_at = told.id, told.created
        move(refund, payment, state_of(told.status), failure=told.failure_reason or "")
        return refund


def move(refund: Refund, payment: Payment, state: RefundState, *, failure: str = "") -> None:
    """To a later state, with what follows from it. Call with both rows locked."""
    if not moves_forward(refund.state, state):
        return
    if state is RefundState.SUCCEEDED:
        succeed(refund, payment)
    elif state is RefundState.FAILED:
        refund.state, refund.failure = state, failure or "failed"
        payment.refunded_minor -= refund.amount_minor
        announce("refund.failed", refund_id=refund.id, payable_id=refund.payable_id)
    else:
        refund.state = state


def succeed(refund: Refund, payment: Payment) -> None:
    """The shopper has the money; our fee's exact part for it is fixed now, with the rows locked.

    In arrears the fee is rated later, so nothing of it goes back here.
    """
    amount, fee = given_back(payment.id)
    refund.fee_minor = refund_part(
        fee_minor=payment.application_fee_minor,
        amount_minor=payment.amount_minor,
        refunded_minor=amount + refund.amount_minor,
        reversed_minor=fee,
    )
    left = payment.application_fee_minor - fee_paid_back(payment.id)
    refund.fee_returned_minor = min(refund.fee_minor, left)
    refund.state, refund.succeeded_at = RefundState.SUCCEEDED, clock.now()
    announce("refund.succeeded", refund_id=refund.id, payable_id=refund.payable_id)


def _find(payment: Payment, told: gateway.Refund) -> Refund | None:
    known = find_refund_by_ref(told.id, payment_id=payment.id)
    if known is None and "refund" in told.metadata:
        known = get_refund(UUID(told.metadata["refund"]))
    if known is None:
        return None
    if known.payment_id != payment.id:
        raise ProviderMismatch("the refund names another payment")
    return get_refund(known.id, lock=True)


def _adopt(payment: Payment, told: gateway.Refund) -> Refund:
    payment.refunded_minor += told.amount.minor
    refund = Refund(
        payment_id=payment.id,
        payable_id=payment.payable_id,
        amount_minor=told.amount.minor,
        currency=told.amount.currency,
        reason=OUTSIDE,
        refund_ref=told.id,
    )
    db.session.add(refund)
    db.session.flush()
    return refund
