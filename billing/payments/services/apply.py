"""Moving a payment forward to what Stripe says when asked, never to what a message claims."""

from uuid import UUID

from billing import gateway
from billing.connections.queries import get_credentials
from billing.payments.errors import ProviderMismatch
from billing.payments.models import FINAL, Payment, PaymentState
from billing.payments.queries import get_payment
from billing.payments.rules import moves_forward, state_of
from billing.payments.services.abandon import expire
from kernel import clock
from kernel.db import transaction
from kernel.outbox import announce
from kernel.scope import current_tenant_id


def read_session(payment_id: UUID) -> gateway.CheckoutSession | None:
    """The payment's page as it is at Stripe now; None while there is none. Calls out."""
    with transaction():
        payment = get_payment(payment_id)
        if payment.session_ref is None:
            return None
        session_ref = payment.session_ref
        credentials = get_credentials(payment.channel, payment.account_ref)
    return gateway.get_checkout_session(credentials=credentials, session_id=session_ref)


def refresh_payment(*, payment_id: UUID) -> Payment:
    """Ask Stripe how far the payment has come and record it, or raise why that cannot be known."""
    session = read_session(payment_id)
    with transaction():
        if session is not None:
            apply_session(payment_id=payment_id, session=session)
        return get_payment(payment_id)


def apply_session(*, payment_id: UUID, session: gateway.CheckoutSession) -> None:
    """Record a page's present state. It never moves back; what it is about may not differ.

    Raises ProviderMismatch, with nothing changed, on another amount, currency, payment or tenant.
    """
    with transaction():
        payment = get_payment(payment_id, lock=True)
        paid = session.payment
        state = state_of(
            session=session.status,
            payment_status=session.payment_status,
            intent=paid.status if paid else None,
        )
        _compare(payment, session, state)
        payment.asked_at, payment.unknown_since, payment.unknown_reason = clock.now(), None, ""
        if state in FINAL:
            payment.final_read_at = clock.now()
        if paid is not None:
            _note(payment, paid)
        if moves_forward(payment.state, state):
            _move(payment, state, paid)


def _compare(payment: Payment, session: gateway.CheckoutSession, state: PaymentState) -> None:
    ours = (str(payment.id), str(current_tenant_id()), payment.session_ref, payment.amount)
    meta = session.metadata
    theirs = (meta.get("payment"), meta.get("tenant"), session.id, session.amount)
    if ours != theirs:
        raise ProviderMismatch("the page is for something else")
    if state is not PaymentState.SUCCEEDED:
        return
    if session.payment is None or session.payment.received != payment.amount:
        raise ProviderMismatch("another amount has arrived")
    taken = session.payment.fee.minor if session.payment.fee else 0
    if taken != payment.application_fee_minor:
        raise ProviderMismatch("another fee was taken")


def _note(payment: Payment, paid: gateway.Payment) -> None:
    payment.intent_ref = paid.id
    if paid.status == "succeeded":
        payment.charge_ref = paid.charge_id
        payment.fee_ref = paid.fee_id or payment.fee_ref  # Stripe may name it up to an hour later
        payment.means, payment.last4 = paid.method or "", paid.last4 or ""
    if paid.error is not None:
        payment.last_error = paid.error.decline_code or paid.error.code or "declined"


def _move(payment: Payment, state: PaymentState, paid: gateway.Payment | None) -> None:
    if state is PaymentState.EXPIRED:
        expire(payment)
        return
    payment.state = state
    if state is PaymentState.SUCCEEDED:
        assert paid is not None, "compared before"
        payment.occurred_at = paid.succeeded_at or clock.now()
        payment.url, payment.last_error = None, ""
        announce("payment.succeeded", payment_id=payment.id, payable_id=payment.payable_id)
    elif state in {PaymentState.WAITING, PaymentState.PROCESSING}:
        payment.url = None
        announce("payment.waiting", payment_id=payment.id, payable_id=payment.payable_id)
    elif state is PaymentState.FAILED:
        payment.url = None
        announce("payment.failed", payment_id=payment.id, payable_id=payment.payable_id)
