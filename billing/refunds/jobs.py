"""What refunds do by themselves: reach Stripe, give our fee back, and be counted."""

from uuid import UUID

from billing import gateway
from billing.connections.errors import NoConnection
from billing.payments.queries import get_payment
from billing.refunds.models import RefundState
from billing.refunds.queries import (
    doubtful_refunds,
    get_refund,
    pending_refunds,
    waiting_refunds,
)
from billing.refunds.services.apply import apply_refunds, move, settle
from billing.refunds.services.record_refund import record_failure, record_refund
from billing.refunds.services.return_fee import give_fee_back
from billing.refunds.services.send import Heard, read_refunds, send
from billing.refunds.services.unknown import mark_unknown
from kernel.db import transaction
from kernel.jobs import complete_job, job, network_job
from kernel.outbox import announce

NO_ACCESS = (NoConnection, gateway.GatewayAuthFailed)


@network_job(queue="urgent")
def send_refund(*, refund_id: UUID) -> None:
    """Ask Stripe to pay the shopper back, once. While nobody can know it is neither made nor
    failed: it is asked again, and said."""
    with transaction():
        waiting = get_refund(refund_id).state is RefundState.REQUESTED
    try:
        heard = send(refund_id) if waiting else None
    except NO_ACCESS as error:
        _note_unknown(refund_id, error, no_access=True)
        return
    except gateway.GatewayUnknown as error:
        _note_unknown(refund_id, error, no_access=False)
        raise
    with transaction():
        if heard is not None:
            _apply(refund_id, heard)
        complete_job()


def _apply(refund_id: UUID, heard: Heard) -> None:
    payment_id = get_refund(refund_id).payment_id
    payment = get_payment(payment_id, lock=True)
    apply_refunds(payment_id=payment_id, told=heard.told)
    refund = get_refund(refund_id, lock=True)
    if heard.refusal and refund.state is RefundState.REQUESTED:
        settle(refund)
        move(refund, payment, RefundState.FAILED, heard.refusal)


def _note_unknown(refund_id: UUID, error: Exception, *, no_access: bool) -> None:
    with transaction():
        get_payment(get_refund(refund_id).payment_id, lock=True)  # the payment first, everywhere
        refund = get_refund(refund_id, lock=True)
        if refund.state in {RefundState.REQUESTED, RefundState.PENDING}:
            mark_unknown(refund, reason=type(error).__name__, no_access=no_access)
        if no_access:
            complete_job()


@job(queue="sweep")
def ask_again() -> None:
    """Whatever has had no answer from Stripe is asked about again: every hour, and when keys or
    accounts have changed."""
    for refund in waiting_refunds():
        announce("refund.requested", refund_id=refund.id)
    for payment_id in {refund.payment_id for refund in doubtful_refunds()}:
        announce("refund.doubted", payment_id=payment_id)


@network_job(queue="sweep")
def look_again(*, payment_id: UUID) -> None:
    """A payment's refunds are as Stripe shows them; while it cannot be looked at, that is said."""
    try:
        told = read_refunds(payment_id)
    except (NoConnection, gateway.GatewayUnknown) as error:
        with transaction():
            get_payment(payment_id, lock=True)
            pending = [refund.id for refund in pending_refunds(payment_id)]
            for refund_id in pending:
                refund = get_refund(refund_id, lock=True)
                no_access = isinstance(error, NO_ACCESS)
                mark_unknown(refund, reason=type(error).__name__, no_access=no_access)
            complete_job()
        return
    with transaction():
        apply_refunds(payment_id=payment_id, told=told)
        complete_job()


@network_job(queue="sweep")
def return_fee(*, refund_id: UUID) -> None:
    """Give the shop our fee's exact part for a refund, once, in our number, not in Stripe's."""
    give_fee_back(refund_id)


@job(queue="sweep")
def meter_refund(*, refund_id: UUID) -> None:
    """A refund that has arrived is counted once, however often this runs."""
    refund = get_refund(refund_id)
    record_refund(refund=refund, payment=get_payment(refund.payment_id))


@job(queue="sweep")
def meter_failed_refund(*, refund_id: UUID) -> None:
    """A refund that was counted and failed afterwards is taken back, once."""
    refund = get_refund(refund_id)
    record_failure(refund=refund, payment=get_payment(refund.payment_id))
