"""Opening the page where a shopper pays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from billing import gateway
from billing.connections.errors import StripeAway
from billing.connections.models import ConnectionMode
from billing.connections.queries import find_connection, get_credentials
from billing.connections.services import note_lost_access
from billing.metering.queries import get_charge_fee
from billing.payments.errors import AlreadyPaid, MethodNotOffered, PaymentClosed, PaymentUnderWay
from billing.payments.models import Payment, PaymentState
from billing.payments.queries import get_payment
from kernel import clock
from kernel.db import transaction
from kernel.log import log
from kernel.money import Money
from kernel.outbox import announce
from kernel.scope import current_tenant_id
from kernel.settings import settings

TRIES = 3


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try to make the page: its number is in the idempotency key, so a repeat is the same."""

    n: int
    credentials: gateway.Credentials
    amount: Money
    fee: Money | None
    expires_at: datetime
    metadata: dict[str, str]


def open_checkout(
    *,
    payment_id: UUID,
    lines: Sequence[gateway.CheckoutLine],
    success_url: str,
    cancel_url: str,
    email: str,
    language: str,
) -> str:
    """The address of the page where exactly this payment can be paid; asked again, the same page.

    Calls out. Refused: when it is paid, its time is over, or Stripe or the account is away; the
    payment stays as it was, so trying again is safe.
    """
    for _ in range(TRIES):
        attempt = _begin(payment_id)
        if isinstance(attempt, str):
            return attempt
        assert _sum(lines) == attempt.amount, "the lines add up to the payment"
        checkout = gateway.Checkout(
            lines=lines,
            reference=str(payment_id),
            success_url=success_url,
            cancel_url=cancel_url,
            expires_at=attempt.expires_at,
            locale=language,
            customer_email=email or None,
            fee=attempt.fee,
            metadata=attempt.metadata,
        )
        made = _create(payment_id, attempt, checkout)
        if made is not None:
            return _finish(payment_id, attempt, made)
    raise StripeAway


def _begin(payment_id: UUID) -> _Attempt | str:
    with transaction():
        payment = get_payment(payment_id, lock=True)
        if payment.state is PaymentState.SUCCEEDED:
            raise AlreadyPaid
        if payment.state in {PaymentState.WAITING, PaymentState.PROCESSING}:
            raise PaymentUnderWay
        if payment.state is PaymentState.OPEN and payment.url is not None and _in_time(payment):
            return payment.url
        if payment.state is not PaymentState.REQUESTED or payment.abandoned_at is not None:
            raise PaymentClosed
        _refuse_a_left_account(payment)
        if payment.attempt == 0:
            _count_attempt(payment)
        fee = payment.application_fee_minor
        return _Attempt(
            n=payment.attempt,
            credentials=get_credentials(payment.channel, payment.account_ref),
            amount=payment.amount,
            fee=Money(fee, payment.currency) if fee else None,
            expires_at=payment.session_expires_at or clock.now(),
            metadata={
                "tenant": str(current_tenant_id()),
                "payment": str(payment.id),
                "payable": str(payment.payable_id),
            },
        )


def _refuse_a_left_account(payment: Payment) -> None:
    """No page opens any more on an account that the shop has left, though its key may be kept."""
    connection = find_connection()
    if connection is None or payment.account_ref not in {
        connection.account_ref,
        connection.own_account_ref,
    }:
        raise MethodNotOffered


def _in_time(payment: Payment) -> bool:
    return payment.abandoned_at is None and (
        payment.session_expires_at is None or payment.session_expires_at > clock.now()
    )


def _count_attempt(payment: Payment) -> None:
    payment.attempt += 1
    payment.attempted_at = clock.now()
    window = timedelta(minutes=settings().payment_window_minutes)
    payment.session_expires_at = payment.attempted_at + window
    if payment.channel is ConnectionMode.CONNECT:
        found = get_charge_fee(payment.amount)
        payment.application_fee_minor, payment.fee_ppm = found.fee.minor, found.rate_ppm
        payment.plan_version_id = found.plan_version_id


def _create(
    payment_id: UUID, attempt: _Attempt, checkout: gateway.Checkout
) -> gateway.CheckoutSession | None:
    """The page; None when this attempt's key is spent and the next one has been counted."""
    try:
        return gateway.create_checkout_session(
            credentials=attempt.credentials,
            checkout=checkout,
            idempotency_key=f"checkout-{payment_id}-{attempt.n}",
        )
    except gateway.GatewayAuthFailed as error:
        note_lost_access(credentials=attempt.credentials)
        raise MethodNotOffered from error
    except gateway.GatewayUnavailable as error:
        if not error.replayed:
            raise StripeAway from error
    except gateway.GatewayRefused as error:
        # The key was used for other words, or its page would now close too soon: a new page then.
        if error.code != "idempotency_error" and error.param != "expires_at":
            log.warning("checkout_refused", payment_id=str(payment_id), reason=error.code)
            raise MethodNotOffered from error
    with transaction():
        payment = get_payment(payment_id, lock=True)
        if payment.attempt == attempt.n and payment.state is PaymentState.REQUESTED:
            _count_attempt(payment)
    return None


def _finish(payment_id: UUID, attempt: _Attempt, made: gateway.CheckoutSession) -> str:
    """Keep the page's address. Given up meanwhile, it is closed again and given to nobody."""
    with transaction():
        payment = get_payment(payment_id, lock=True)
        if payment.attempt == attempt.n and payment.session_ref is None:
            payment.session_ref, payment.session_expires_at = made.id, made.expires_at
            if payment.state is PaymentState.REQUESTED and payment.abandoned_at is None:
                payment.state, payment.url = PaymentState.OPEN, made.url
            else:
                announce("payment.abandoned", payment_id=payment.id)
        url = payment.url
    if url is None:
        raise PaymentClosed
    return url


def _sum(lines: Sequence[gateway.CheckoutLine]) -> Money:
    total = Money(0, lines[0].amount.currency)
    for line in lines:
        total += Money(line.amount.minor * line.quantity, line.amount.currency)
    return total
