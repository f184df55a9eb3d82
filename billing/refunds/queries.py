"""Reading refunds."""

from uuid import UUID

from sqlalchemy import func, select

from billing.refunds.errors import RefundNotFound
from billing.refunds.models import Refund, RefundState
from kernel.db import db, for_update


def get_refund(refund_id: UUID, *, lock: bool = False) -> Refund:
    """One refund, or RefundNotFound."""
    query = select(Refund).where(Refund.id == refund_id)
    found = db.session.scalars(for_update(query) if lock else query).one_or_none()
    if found is None:
        raise RefundNotFound
    return found


def find_refund_by_ref(refund_ref: str, *, payment_id: UUID) -> Refund | None:
    """The refund of this payment that Stripe calls so."""
    query = select(Refund).where(Refund.refund_ref == refund_ref, Refund.payment_id == payment_id)
    return db.session.scalars(query).one_or_none()


def refunds_of(payable_id: UUID) -> list[Refund]:
    """Every refund ever asked for of this, oldest first."""
    query = select(Refund).where(Refund.payable_id == payable_id).order_by(Refund.id)
    return list(db.session.scalars(query))


def given_back(payment_id: UUID) -> tuple[int, int]:
    """What has arrived back at the payer of a payment, and our fee's parts for it, in minor units.

    A refund that failed after all is in neither.
    """
    query = select(func.sum(Refund.amount_minor), func.sum(Refund.fee_minor)).where(
        Refund.payment_id == payment_id, Refund.state == RefundState.SUCCEEDED
    )
    amount, fee = db.session.execute(query).one()
    return int(amount or 0), int(fee or 0)


def fee_paid_back(payment_id: UUID) -> int:
    """How much of our fee has been, or is being, paid back to the shop for a payment.

    Also for refunds that failed afterwards: what was paid back to the shop stays there.
    """
    query = select(func.sum(Refund.fee_returned_minor)).where(Refund.payment_id == payment_id)
    return int(db.session.scalar(query) or 0)
