"""Asking Stripe how a payment stands. The answer is yes, no, or that nobody can know yet."""

from uuid import UUID

from billing import gateway
from billing.connections.errors import NoConnection
from billing.connections.queries import get_credentials
from billing.payments.errors import ProviderMismatch
from billing.payments.models import LIVE, Payment, PaymentState
from billing.payments.queries import get_payment
from billing.payments.services.apply import apply_session, read_session
from kernel import clock
from kernel.db import new_id, transaction
from kernel.log import log
from kernel.outbox import announce

# Whatever keeps us from looking. None of it says anything about the money.
CANNOT_LOOK = (NoConnection, gateway.GatewayUnknown, gateway.GatewayRefused)


def learn_state(*, payment_id: UUID) -> Payment:
    """What is true of the payment at Stripe is recorded, or since when and why nobody can know.

    Calls out. A page that nobody is to pay on any more is closed there first. Not knowing never
    expires, fails or releases anything.
    """
    try:
        session = _look(payment_id)
        with transaction():
            if session is not None:
                apply_session(payment_id=payment_id, session=session)
            return get_payment(payment_id)
    except CANNOT_LOOK as error:
        return note_unknown(payment_id=payment_id, reason=reason_of(error))
    except ProviderMismatch:
        return note_unknown(payment_id=payment_id, reason="mismatch")


def reason_of(error: Exception) -> str:
    """A word for why nobody can look: kept with the payment, for staff and tests."""
    if isinstance(error, NoConnection):
        return "no_connection"
    if isinstance(error, gateway.GatewayAuthFailed):
        return "no_access"
    if isinstance(error, gateway.GatewayRefused):
        return error.code or "refused"
    return "stripe_away"


def note_unknown(*, payment_id: UUID, reason: str) -> Payment:
    """Since now, or since before, nobody can know how the payment stands. It is told once."""
    with transaction():
        payment = get_payment(payment_id, lock=True)
        payment.asked_at = clock.now()
        if payment.state is PaymentState.SUCCEEDED or payment.session_ref is None:
            return payment  # nothing about it is in doubt
        payment.unknown_reason = reason
        if payment.unknown_since is None:
            payment.unknown_since = clock.now()
            announce("payment.unknown", payment_id=payment.id, payable_id=payment.payable_id)
            log.error("payment_unknown", payment_id=str(payment.id), reason=reason)
        return payment


def _look(payment_id: UUID) -> gateway.CheckoutSession | None:
    """The page as it is, after closing it when no money is wanted there any more."""
    session = read_session(payment_id)
    if session is None or session.status != "open":
        return session
    with transaction():
        payment = get_payment(payment_id)
        if payment.abandoned_at is None and payment.state in LIVE:
            return session
        credentials = get_credentials(payment.channel, payment.account_ref)
    try:
        return gateway.expire_checkout_session(
            credentials=credentials,
            session_id=session.id,
            # Closing twice is refused, so each try may have a key of its own: none is ever spent.
            idempotency_key=f"expire-{session.id}-{new_id()}",
        )
    except gateway.GatewayRefused:
        return read_session(payment_id)  # paid or closed a moment before
