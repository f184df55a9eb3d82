"""What payments do by themselves: close what was given up, ask again, be counted on arrival."""

from datetime import datetime, timedelta
from uuid import UUID

from billing.payments.models import LIVE, Payment, PaymentState
from billing.payments.queries import get_payment, list_in_doubt
from billing.payments.services.abandon import expire
from billing.payments.services.learn import learn_state
from billing.payments.services.record_sale import record_sale
from kernel import clock
from kernel.db import transaction
from kernel.jobs import complete_job, job, network_job
from kernel.outbox import announce

SOONEST, LATEST = timedelta(seconds=30), timedelta(hours=6)
AT_ONCE = 200  # payments of one shop that one sweep asks about


@network_job(queue="urgent")
def close_abandoned(*, payment_id: UUID) -> None:
    """Close an abandoned payment's page at Stripe, then record what is true of it.

    Safe to run twice: a page is closed once, and money that came first wins. A page that cannot be
    looked at is never taken for unpaid, not even after its time: it is tried again, ever later.
    """
    learn_state(payment_id=payment_id)
    with transaction():
        payment = get_payment(payment_id, lock=True)
        complete_job()
        if payment.state is PaymentState.REQUESTED and payment.session_ref is None:
            expire(payment)  # a page whose address nobody ever got
        elif payment.state is PaymentState.OPEN or _is_unknown(payment):
            announce("payment.abandoned", due_at=_again(payment), payment_id=payment.id)


def _is_unknown(payment: Payment) -> bool:
    return payment.state in LIVE and payment.unknown_since is not None


def _again(payment: Payment) -> datetime:
    """As long again as it has been unknown."""
    known = payment.unknown_since or clock.now()
    return clock.now() + min(max(clock.now() - known, SOONEST), LATEST)


@job(queue="sweep")
def sweep_payments() -> None:
    """Stripe is asked again about every payment whose end it has not shown us."""
    for payment_id in list_in_doubt(at_most=AT_ONCE):
        announce("payment.in_doubt", payment_id=payment_id)


@network_job(queue="sweep")
def look_again(*, payment_id: UUID) -> None:
    """What has become of a payment is recorded; what cannot be known now is asked at the next
    sweep."""
    learn_state(payment_id=payment_id)
    with transaction():
        complete_job()


@job(queue="sweep")
def meter_payment(*, payment_id: UUID) -> None:
    """A payment that has arrived is one sale in the metering, however often this runs."""
    record_sale(payment=get_payment(payment_id))
