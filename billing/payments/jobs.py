"""What payments do by themselves: close what was given up, and be counted once they arrived."""

from datetime import timedelta
from uuid import UUID

from billing import gateway
from billing.connections.errors import NoConnection
from billing.connections.queries import get_credentials
from billing.payments.models import Payment, PaymentState
from billing.payments.queries import get_payment
from billing.payments.services.abandon import expire
from billing.payments.services.apply import apply_session, read_session
from billing.payments.services.record_sale import record_sale
from kernel import clock
from kernel.db import transaction
from kernel.jobs import complete_job, job, network_job
from kernel.outbox import announce

SLACK = timedelta(minutes=1)


@network_job
def close_abandoned(*, payment_id: UUID) -> None:
    """Close an abandoned payment's page at Stripe, then record what is true of it.

    Safe to run twice: a page is closed once, and money that came first wins.
    """
    session = _close(payment_id)
    with transaction():
        payment = get_payment(payment_id, lock=True)
        if session is not None:
            apply_session(payment_id=payment_id, session=session)
        elif payment.state is PaymentState.REQUESTED and payment.session_ref is None:
            expire(payment)  # a page whose address nobody ever got
        elif payment.state in {PaymentState.REQUESTED, PaymentState.OPEN}:
            _wait_or_expire(payment)
        complete_job()


def _close(payment_id: UUID) -> gateway.CheckoutSession | None:
    """The page after closing it; None when there is none, or its account is out of reach."""
    try:
        return _close_at_stripe(payment_id)
    except (NoConnection, gateway.GatewayAuthFailed, gateway.GatewayRefused):
        return None


def _close_at_stripe(payment_id: UUID) -> gateway.CheckoutSession | None:
    session = read_session(payment_id)
    if session is None or session.status != "open":
        return session
    with transaction():
        payment = get_payment(payment_id)
        credentials = get_credentials(payment.channel, payment.account_ref)
    try:
        return gateway.expire_checkout_session(
            credentials=credentials,
            session_id=session.id,
            idempotency_key=f"expire-{session.id}",
        )
    except gateway.GatewayRefused:
        return read_session(payment_id)  # paid or closed a moment before


def _wait_or_expire(payment: Payment) -> None:
    # Without access the page cannot be closed, but it closes by itself at a known time.
    over = (payment.session_expires_at or clock.now()) + SLACK
    if over <= clock.now():
        expire(payment)
    else:
        announce("payment.abandoned", due_at=over, payment_id=payment.id)


@job
def meter_payment(*, payment_id: UUID) -> None:
    """A payment that has arrived is one sale in the metering, however often this runs."""
    record_sale(payment=get_payment(payment_id))
