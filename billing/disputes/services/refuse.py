"""Keeping money from being given back twice."""

from uuid import UUID

from billing.disputes.errors import ChargeDisputed
from billing.payments.queries import payments_of


def refuse_while_disputed(*, payable_id: UUID) -> None:
    """Raises ChargeDisputed when there is nothing to give back but what a bank claims already."""
    payments = payments_of(payable_id)
    if any(one.disputed_at for one in payments) and not any(one.refundable for one in payments):
        raise ChargeDisputed
