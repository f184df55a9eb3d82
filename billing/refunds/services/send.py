"""Asking Stripe to pay a shopper back: made, refused, or nobody can know yet.

It always looks before it asks, so that a lost answer, a spent key or a restored backup cannot pay
twice. Calls out; what is heard is written down by the caller.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from billing import gateway
from billing.connections.queries import get_credentials
from billing.connections.services import note_lost_access
from billing.payments.queries import get_payment
from billing.refunds.queries import get_refund
from billing.refunds.rules import DISPUTED, refusal_code
from kernel import clock
from kernel.db import transaction
from kernel.money import Money
from kernel.scope import current_tenant_id

KEY_LIFE = timedelta(hours=24)  # how long Stripe certainly remembers an idempotency key


@dataclass(frozen=True, slots=True)
class Heard:
    """Every refund of the payment as Stripe shows it, and the word for a refusal of ours."""

    told: Sequence[gateway.Refund]
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class _Order:
    """What is asked of Stripe."""

    refund_id: UUID
    credentials: gateway.Credentials
    intent_ref: str
    amount: Money
    attempt: int
    disputed: bool


def send(refund_id: UUID) -> Heard:
    """What Stripe makes of a refund that waits.

    Raises NoConnection or gateway.GatewayUnknown while nobody can know.
    """
    order = _begin(refund_id)
    try:
        told = _look(order.credentials, order.intent_ref)
        if any(gateway.named(one.metadata, "refund") == refund_id for one in told):
            return Heard(told)
        if order.disputed:  # since it was asked for; Stripe would refuse it too
            return Heard(told, DISPUTED)
        return _ask(order, told)
    except gateway.GatewayAuthFailed:
        note_lost_access(credentials=order.credentials)
        raise


def read_refunds(payment_id: UUID) -> Sequence[gateway.Refund]:
    """Every refund of a payment as Stripe shows it now. Raises like `send`."""
    with transaction():
        payment = get_payment(payment_id)
        assert payment.intent_ref is not None, "only a payment that arrived is given back"
        credentials = get_credentials(payment.channel, payment.account_ref)
        intent_ref = payment.intent_ref
    return _look(credentials, intent_ref)


def _begin(refund_id: UUID) -> _Order:
    """The intent is written down before the call."""
    with transaction():
        refund = get_refund(refund_id, lock=True)
        payment = get_payment(refund.payment_id)
        assert payment.intent_ref is not None, "only a payment that arrived is given back"
        credentials = get_credentials(payment.channel, payment.account_ref)
        tried = refund.attempted_at
        if tried is None or clock.now() - tried > KEY_LIFE:
            refund.attempt, refund.attempted_at = refund.attempt + 1, clock.now()
        return _Order(
            refund_id,
            credentials,
            payment.intent_ref,
            refund.amount,
            refund.attempt,
            disputed=payment.disputed_at is not None,
        )


def _look(credentials: gateway.Credentials, intent_ref: str) -> Sequence[gateway.Refund]:
    try:
        return gateway.list_refunds(credentials=credentials, payment_id=intent_ref)
    except gateway.GatewayRefused as error:  # it arrived, so this is not where it lies
        raise gateway.GatewayUnknown(error.code or error.message) from error


def _ask(order: _Order, told: Sequence[gateway.Refund]) -> Heard:
    try:
        made = gateway.create_refund(
            credentials=order.credentials,
            payment_id=order.intent_ref,
            amount=order.amount,
            metadata=gateway.names(refund=order.refund_id, tenant=current_tenant_id()),
            idempotency_key=f"refund-{order.refund_id}-{order.attempt}",
        )
    except gateway.GatewayRefused as error:
        refusal = refusal_code(code=error.code, param=error.param)
        if refusal is None:
            _spend_key(order)
            raise gateway.GatewayUnknown(error.code or error.message) from error
        # What was given back there meanwhile may be the reason.
        return Heard(_look(order.credentials, order.intent_ref), refusal)
    except gateway.GatewayUnavailable as error:
        if error.replayed:
            _spend_key(order)
        raise
    return Heard([*told, made])


def _spend_key(order: _Order) -> None:
    """Stripe has kept a failure as this key's answer; the next try looks, then uses another."""
    with transaction():
        refund = get_refund(order.refund_id, lock=True)
        if refund.attempt == order.attempt:
            refund.attempt += 1
