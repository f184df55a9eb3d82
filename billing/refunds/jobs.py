"""What refunds do by themselves: reach Stripe, give our fee back, and be counted."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from billing import gateway
from billing.connections.errors import NoConnection
from billing.connections.queries import get_credentials
from billing.payments.queries import get_payment
from billing.payments.services import refresh_payment
from billing.refunds.models import Refund, RefundState
from billing.refunds.queries import get_refund
from billing.refunds.services.apply import apply_refund, move
from billing.refunds.services.record_refund import record_failure, record_refund
from kernel import clock
from kernel.db import transaction
from kernel.jobs import MAX_ATTEMPTS, complete_job, job, network_job
from kernel.money import Money
from kernel.scope import current_tenant_id

KEY_LIFE = timedelta(hours=24)  # how long Stripe certainly remembers an idempotency key


@dataclass(frozen=True, slots=True)
class _Order:
    """What is asked of Stripe, and whether it may have been asked before."""

    credentials: gateway.Credentials
    intent_ref: str
    amount: Money
    attempt: int
    tried_before: bool


@network_job
def send_refund(*, refund_id: UUID) -> None:
    """Ask Stripe to pay the shopper back, once: after a lost answer it looks before it repeats."""
    told, failure = None, ""
    with transaction():
        refund = get_refund(refund_id)
        payment_id, waiting = refund.payment_id, refund.state is RefundState.REQUESTED
    if waiting:
        told, failure = _send(refund_id)
    with transaction():
        payment = get_payment(payment_id, lock=True)
        if told is not None:
            apply_refund(payment_id=payment_id, told=told)
        elif failure:
            refund = get_refund(refund_id, lock=True)
            move(refund, payment, RefundState.FAILED, failure=failure)
        complete_job()


def _send(refund_id: UUID) -> tuple[gateway.Refund | None, str]:
    """What Stripe made of it, or the word for why it will not."""
    try:
        order = _begin(refund_id)
    except NoConnection:
        return None, "no_connection"
    try:
        return _look_up(refund_id, order) or _create(refund_id, order), ""
    except gateway.GatewayRefused as error:
        return None, error.code or "refused"
    except gateway.GatewayAuthFailed:
        if order.tried_before:
            raise  # an earlier try may have reached it
        return None, "no_access"
    except gateway.GatewayUnavailable as error:
        if error.replayed:
            _spend_key(refund_id, order.attempt)
        raise


def _begin(refund_id: UUID) -> _Order:
    """The intent is written down before the call."""
    with transaction():
        refund = get_refund(refund_id, lock=True)
        payment = get_payment(refund.payment_id)
        assert payment.intent_ref is not None, "only a payment that arrived is given back"
        credentials = get_credentials(payment.channel, payment.account_ref)
        tried = refund.attempted_at
        if tried is None or clock.now() - tried > KEY_LIFE:
            # The look-up decides first; only what is not there is asked for under a new key.
            refund.attempt, refund.attempted_at = refund.attempt + 1, clock.now()
        return _Order(
            credentials, payment.intent_ref, refund.amount, refund.attempt, tried is not None
        )


def _look_up(refund_id: UUID, order: _Order) -> gateway.Refund | None:
    if not order.tried_before:
        return None
    known = gateway.list_refunds(credentials=order.credentials, payment_id=order.intent_ref)
    return next((one for one in known if one.metadata.get("refund") == str(refund_id)), None)


def _create(refund_id: UUID, order: _Order) -> gateway.Refund:
    return gateway.create_refund(
        credentials=order.credentials,
        payment_id=order.intent_ref,
        amount=order.amount,
        metadata={"refund": str(refund_id), "tenant": str(current_tenant_id())},
        idempotency_key=f"refund-{refund_id}-{order.attempt}",
    )


def _spend_key(refund_id: UUID, attempt: int) -> None:
    """Stripe has kept a failure as this key's answer; the next try looks, then uses another."""
    with transaction():
        refund = get_refund(refund_id, lock=True)
        if refund.attempt == attempt:
            refund.attempt += 1


@network_job
def return_fee(*, refund_id: UUID) -> None:
    """Give the shop our fee's exact part for a refund, once, in our number, not in Stripe's."""
    with transaction():
        refund = get_refund(refund_id)
        payment = get_payment(refund.payment_id)
    if refund.fee_returned_minor and refund.fee_refund_ref is None:
        fee_ref = payment.fee_ref or refresh_payment(payment_id=payment.id).fee_ref
        assert fee_ref is not None, "a fee that was taken has a name at Stripe"
        made = _give_fee_back(refund, fee_ref)
        with transaction():
            get_refund(refund_id, lock=True).fee_refund_ref = made.id
            complete_job()
        return
    with transaction():
        complete_job()


def _give_fee_back(refund: Refund, fee_ref: str) -> gateway.FeeRefund:
    for n in range(MAX_ATTEMPTS):  # a key whose kept answer is a failure is spent
        for found in gateway.list_fee_refunds(fee_id=fee_ref):
            if found.metadata.get("refund") == str(refund.id):
                return found
        try:
            return gateway.refund_application_fee(
                fee_id=fee_ref,
                amount=Money(refund.fee_returned_minor, refund.currency),
                metadata={"refund": str(refund.id), "tenant": str(current_tenant_id())},
                idempotency_key=f"fee-{refund.id}-{n}",
            )
        except gateway.GatewayUnavailable as error:
            if not error.replayed:
                raise
    raise gateway.GatewayUnavailable("every key is spent")


@job
def meter_refund(*, refund_id: UUID) -> None:
    """A refund that has arrived is counted once, however often this runs."""
    refund = get_refund(refund_id)
    record_refund(refund=refund, payment=get_payment(refund.payment_id))


@job
def meter_failed_refund(*, refund_id: UUID) -> None:
    """A refund that was counted and failed afterwards is taken back, once."""
    refund = get_refund(refund_id)
    record_failure(refund=refund, payment=get_payment(refund.payment_id))
