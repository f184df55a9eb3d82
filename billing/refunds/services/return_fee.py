"""Giving our fee's part back to the shop when a shopper was paid back."""

from datetime import timedelta
from uuid import UUID

from billing import gateway
from billing.payments.models import Payment
from billing.payments.queries import get_payment
from billing.refunds.models import Refund
from billing.refunds.queries import get_refund
from kernel import clock
from kernel.db import transaction
from kernel.jobs import MAX_ATTEMPTS, complete_job
from kernel.money import Money
from kernel.outbox import announce
from kernel.scope import current_tenant_id

# Stripe captures after it has said "succeeded"; until then the fee has no name yet.
WAIT = timedelta(minutes=5)


def give_fee_back(refund_id: UUID) -> None:
    """The shop has our fee's part, once; while the fee has no name at Stripe this waits for it.

    Calls out, and completes the running job.
    """
    with transaction():
        refund = get_refund(refund_id)
        payment = get_payment(refund.payment_id)
        if not refund.fee_returned_minor or refund.fee_refund_ref is not None:
            complete_job()
            return
    fee_ref = payment.fee_ref or _find_fee(payment)
    made = _give_back(refund, fee_ref) if fee_ref is not None else None
    with transaction():
        if made is not None:
            get_refund(refund_id, lock=True).fee_refund_ref = made.id
        else:
            announce("refund.fee_waits", due_at=clock.now() + WAIT, refund_id=refund_id)
        complete_job()


def _find_fee(payment: Payment) -> str | None:
    """The fee's name, asked of our own account: that of the shop may be out of reach by now."""
    assert payment.charge_ref is not None, "a payment that arrived has a charge"
    fee_ref = gateway.find_application_fee(charge_id=payment.charge_ref)
    if fee_ref is not None:
        with transaction():
            get_payment(payment.id, lock=True).fee_ref = fee_ref
    return fee_ref


def _give_back(refund: Refund, fee_ref: str) -> gateway.FeeRefund:
    for n in range(MAX_ATTEMPTS):  # a key whose kept answer is a failure is spent
        for found in gateway.list_fee_refunds(fee_id=fee_ref):
            if gateway.named(found.metadata, "refund") == refund.id:
                return found
        try:
            return gateway.refund_application_fee(
                fee_id=fee_ref,
                amount=Money(refund.fee_returned_minor, refund.currency),
                metadata=gateway.names(refund=refund.id, tenant=current_tenant_id()),
                idempotency_key=f"fee-{refund.id}-{n}",
            )
        except gateway.GatewayRefused as error:
            if error.code != "idempotency_error":  # the key was used for other words
                raise
        except gateway.GatewayUnavailable as error:
            if not error.replayed:
                raise
    raise gateway.GatewayUnavailable("every key is spent")
