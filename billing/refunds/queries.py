"""Reading refunds."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from billing.connections.models import PaymentMethod
from billing.payments.models import Payment
from billing.refunds.errors import RefundNotFound
from billing.refunds.models import Refund, RefundState
from billing.refunds.rules import SWEPT, UNANSWERED
from kernel import clock
from kernel.db import db, for_update

PATIENCE = timedelta(minutes=10)  # a refund that was just asked for has its own job


def get_refund(refund_id: UUID, *, lock: bool = False) -> Refund:
    """One refund, or RefundNotFound."""
    found = find_refund(refund_id, lock=lock)
    if found is None:
        raise RefundNotFound
    return found


def find_refund(refund_id: UUID, *, lock: bool = False) -> Refund | None:
    """One refund, if there is one of this name."""
    query = select(Refund).where(Refund.id == refund_id)
    return db.session.scalars(for_update(query) if lock else query).one_or_none()


def find_refund_by_ref(refund_ref: str, *, payment_id: UUID) -> Refund | None:
    """The refund of this payment that Stripe calls so."""
    query = select(Refund).where(Refund.refund_ref == refund_ref, Refund.payment_id == payment_id)
    return db.session.scalars(query).one_or_none()


def refunds_of(payable_id: UUID) -> list[Refund]:
    """Every refund ever asked for of this, oldest first."""
    query = select(Refund).where(Refund.payable_id == payable_id).order_by(Refund.id)
    return list(db.session.scalars(query))


def waiting_refunds() -> Sequence[Refund]:
    """Refunds that Stripe has not been heard of about and that no job of their own may work."""
    old = Refund.requested_at < clock.now() - PATIENCE
    return _swept(
        Refund.state == RefundState.REQUESTED, or_(Refund.unknown_since.is_not(None), old)
    )


def doubtful_refunds() -> Sequence[Refund]:
    """Refunds that are under way at Stripe, or that ended here without its answer."""
    unanswered = and_(
        Refund.state == RefundState.FAILED,
        Refund.failure.in_(UNANSWERED),
        Refund.refund_ref.is_(None),
    )
    return _swept(or_(Refund.state == RefundState.PENDING, unanswered))


def refunds_settled(account_ref: str) -> bool:
    """Whether no refund of a payment on this account is under way or without an answer."""
    live = or_(
        Refund.state.in_([RefundState.REQUESTED, RefundState.PENDING]),
        Refund.unknown_since.is_not(None),
    )
    query = (
        select(Refund.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.account_ref == account_ref, live)
    )
    return db.session.scalars(query.limit(1)).first() is None


def _swept(*conditions: ColumnElement[bool]) -> Sequence[Refund]:
    recent = Refund.requested_at > clock.now() - SWEPT
    online = Refund.payment_id.in_(select(Payment.id).where(Payment.method == PaymentMethod.STRIPE))
    query = select(Refund).where(recent, online, *conditions).order_by(Refund.id)
    return db.session.scalars(query).all()


def pending_refunds(payment_id: UUID) -> Sequence[Refund]:
    """The refunds of a payment that are under way at Stripe."""
    query = select(Refund).where(
        Refund.payment_id == payment_id, Refund.state == RefundState.PENDING
    )
    return db.session.scalars(query).all()


def not_failed(payment_id: UUID) -> int:
    """What has gone, or may still go, back of a payment, in minor units."""
    query = select(func.sum(Refund.amount_minor)).where(
        Refund.payment_id == payment_id, Refund.state != RefundState.FAILED
    )
    return int(db.session.scalar(query) or 0)


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
