"""Taking money by hand."""

from uuid import UUID

from billing.connections.models import PaymentMethod
from billing.payments.errors import NothingToPay, PaidOnline
from billing.payments.models import LIVE, Payment, PaymentState
from billing.payments.queries import payments_of
from kernel import clock
from kernel.db import transaction
from kernel.outbox import announce


def record_at_pickup(*, payable_id: UUID, taken_by: UUID) -> Payment:
    """The named person has taken the money; recording it again changes nothing.

    Refused: when nothing is asked for at pick-up, or it is being paid online.
    """
    with transaction():
        known = payments_of(payable_id, lock=True)
        by_hand = [one for one in known if one.method is PaymentMethod.AT_PICKUP]
        waiting = [one for one in by_hand if one.state is PaymentState.REQUESTED]
        if not waiting:
            taken = [one for one in by_hand if one.state is PaymentState.SUCCEEDED]
            if taken:
                return taken[-1]
            online = any(one.state in LIVE | {PaymentState.SUCCEEDED} for one in known)
            raise PaidOnline if online else NothingToPay
        payment = waiting[-1]
        payment.state, payment.recorded_by = PaymentState.SUCCEEDED, taken_by
        payment.occurred_at = clock.now()
        announce("payment.succeeded", payment_id=payment.id, payable_id=payable_id)
        return payment
