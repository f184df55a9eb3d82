"""Money that is given back by hand: nobody's books say so before a person says they did it."""

from uuid import UUID

from billing.connections.models import PaymentMethod
from billing.payments.queries import get_payment
from billing.refunds.errors import NotByHand
from billing.refunds.models import Refund, RefundState
from billing.refunds.queries import get_refund
from billing.refunds.services.apply import succeed
from kernel import clock
from kernel.db import transaction


def confirm_handed_back(*, refund_id: UUID) -> Refund:
    """The shopper has the money in hand; said again, nothing changes.

    Refused: a refund of money that was not taken by hand.
    """
    with transaction():
        payment = get_payment(get_refund(refund_id).payment_id, lock=True)
        refund = get_refund(refund_id, lock=True)
        if payment.method is not PaymentMethod.AT_PICKUP:
            raise NotByHand
        if refund.state is RefundState.REQUESTED:
            refund.occurred_at = clock.now()
            succeed(refund, payment)
        return refund
