"""Reading payments. Billing knows what is paid for only by its id."""

from uuid import UUID

from sqlalchemy import func, select

from billing.payments.errors import PaymentNotFound
from billing.payments.models import Payment, PaymentState
from kernel.db import db, for_update
from kernel.money import Money
from tenants.accounts.queries import get_profile


def get_payment(payment_id: UUID, *, lock: bool = False) -> Payment:
    """One payment, or PaymentNotFound."""
    query = select(Payment).where(Payment.id == payment_id)
    found = db.session.scalars(for_update(query) if lock else query).one_or_none()
    if found is None:
        raise PaymentNotFound
    return found


def find_payment_by_intent(intent_ref: str, *, account_ref: str) -> Payment | None:
    """The payment that Stripe calls so, on that account."""
    query = select(Payment).where(
        Payment.intent_ref == intent_ref, Payment.account_ref == account_ref
    )
    return db.session.scalars(query).one_or_none()


def find_payment_by_session(session_ref: str, *, account_ref: str) -> Payment | None:
    """The payment whose page Stripe calls so, on that account."""
    query = select(Payment).where(
        Payment.session_ref == session_ref, Payment.account_ref == account_ref
    )
    return db.session.scalars(query).one_or_none()


def payments_of(payable_id: UUID, *, lock: bool = False) -> list[Payment]:
    """Every payment ever asked for this, oldest first."""
    query = select(Payment).where(Payment.payable_id == payable_id).order_by(Payment.id)
    return list(db.session.scalars(for_update(query) if lock else query))


def paid_minor(payable_id: UUID) -> int:
    """What has arrived for this, less every refund that has not failed, in minor units."""
    query = select(func.sum(Payment.amount_minor - Payment.refunded_minor)).where(
        Payment.payable_id == payable_id, Payment.state == PaymentState.SUCCEEDED
    )
    return int(db.session.scalar(query) or 0)


def refundable(payable_id: UUID) -> Money:
    """What can still be given back for this; nothing when nothing has arrived."""
    found = payments_of(payable_id)
    if not found:
        return Money(0, get_profile().currency)
    return sum((one.refundable for one in found[1:]), found[0].refundable)
