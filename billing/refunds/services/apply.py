"""Moving refunds forward to what Stripe says, and what follows from their end."""

from collections.abc import Sequence
from uuid import UUID

from billing import gateway
from billing.metering.rules import refund_part
from billing.payments.errors import ProviderMismatch
from billing.payments.models import Payment
from billing.payments.queries import get_payment
from billing.refunds.models import Refund, RefundState
from billing.refunds.queries import (
    fee_paid_back,
    find_refund,
    find_refund_by_ref,
    get_refund,
    given_back,
    not_failed,
)
from billing.refunds.rules import SWEPT, moves_forward, reason_of, state_of
from kernel import clock
from kernel.db import db, transaction
from kernel.outbox import announce, keep_watch

OUTSIDE = "stripe"  # the reason of a refund that was made in Stripe's own dashboard


def apply_refunds(*, payment_id: UUID, told: Sequence[gateway.Refund]) -> None:
    """Record how a payment's refunds stand at Stripe; those made there by hand become ours as well.

    Raises ProviderMismatch, with nothing changed, when one is not what we know by its name.
    """
    with transaction():
        payment = get_payment(payment_id, lock=True)
        # What failed makes room for what was made afterwards.
        for one in sorted(told, key=lambda one: state_of(one.status) is not RefundState.FAILED):
            _apply(payment, one)


def _apply(payment: Payment, told: gateway.Refund) -> None:
    if told.payment_id != payment.intent_ref or told.amount.currency != payment.currency:
        raise ProviderMismatch("the refund is of something else")
    refund = _find(payment, told) or _adopt(payment, told)
    if told.amount != refund.amount:
        raise ProviderMismatch("another refund is known under this name")
    if refund.state is RefundState.FAILED and refund.refund_ref is None:
        refund.state, refund.failure = RefundState.REQUESTED, ""  # Stripe took it on after all
    refund.refund_ref, refund.occurred_at = told.id, told.created
    settle(refund)
    move(refund, payment, state_of(told.status), reason_of(told.status, told.failure_reason))


def settle(refund: Refund) -> None:
    """Stripe has answered. Call with the refund locked."""
    refund.unknown_since, refund.unknown_reason = None, ""


def move(refund: Refund, payment: Payment, state: RefundState, failure: str) -> None:
    """To a later state, with what follows from it. Call with both rows locked."""
    if moves_forward(refund.state, state):
        if state is RefundState.SUCCEEDED:
            succeed(refund, payment)
        elif state is RefundState.FAILED:
            refund.state, refund.failure = state, failure
            announce("refund.failed", refund_id=refund.id, payable_id=refund.payable_id)
        else:
            refund.state = state
    count(payment)


def count(payment: Payment) -> None:
    """The payment knows what has gone, or may still go, back of it; never more than came.

    Ours that wait can be more than a refund made at Stripe has left; Stripe will refuse them.
    """
    payment.refunded_minor = min(not_failed(payment.id), payment.amount_minor)


def succeed(refund: Refund, payment: Payment) -> None:
    """The shopper has the money; our fee's exact part for it is fixed now, with the rows locked.

    In arrears the fee is rated later, so nothing of it goes back here.
    """
    amount, fee = given_back(payment.id)
    refund.fee_minor = refund_part(
        fee_minor=payment.application_fee_minor,
        amount_minor=payment.amount_minor,
        refunded_minor=min(amount + refund.amount_minor, payment.amount_minor),
        reversed_minor=fee,
    )
    left = payment.application_fee_minor - fee_paid_back(payment.id)
    refund.fee_returned_minor = min(refund.fee_minor, left)
    refund.state, refund.succeeded_at = RefundState.SUCCEEDED, clock.now()
    announce("refund.succeeded", refund_id=refund.id, payable_id=refund.payable_id)


def _find(payment: Payment, told: gateway.Refund) -> Refund | None:
    known = find_refund_by_ref(told.id, payment_id=payment.id) or _named(payment, told)
    return get_refund(known.id, lock=True) if known is not None else None


def _named(payment: Payment, told: gateway.Refund) -> Refund | None:
    """Ours by the name it was given at Stripe. Others can write one there: only what fits is ours,
    everything else was made by somebody else."""
    name = gateway.named(told.metadata, "refund")
    known = find_refund(name) if name is not None else None
    if known is None or known.payment_id != payment.id or known.refund_ref is not None:
        return None
    return known if known.amount == told.amount else None


def _adopt(payment: Payment, told: gateway.Refund) -> Refund:
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
    keep_watch("money.sweep", clock.now() + SWEPT)
    return refund
