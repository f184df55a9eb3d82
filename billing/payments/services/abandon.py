"""Giving up waiting for money."""

from uuid import UUID

from billing.connections.models import PaymentMethod
from billing.payments.models import LIVE, Payment, PaymentState
from billing.payments.queries import payments_of
from kernel import clock
from kernel.db import transaction
from kernel.outbox import announce


def abandon_payment(*, payable_id: UUID) -> None:
    """No more money is wanted for this. `payment.expired` follows once none can arrive any more.

    What can still be paid at Stripe is closed there first; a payment that wins that race succeeds.
    """
    with transaction():
        for payment in payments_of(payable_id, lock=True):
            if payment.state not in LIVE or payment.abandoned_at is not None:
                continue
            payment.abandoned_at = clock.now()
            if payment.method is PaymentMethod.AT_PICKUP or payment.attempt == 0:
                expire(payment)
            else:
                announce("payment.abandoned", payment_id=payment.id)


def expire(payment: Payment) -> None:
    """Nothing can be paid any more. Call with the payment locked."""
    payment.state, payment.url = PaymentState.EXPIRED, None
    announce("payment.expired", payment_id=payment.id, payable_id=payment.payable_id)
