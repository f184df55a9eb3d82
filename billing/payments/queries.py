"""Reading payments. Billing knows what is paid for only by its id."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from billing.payments.errors import PaymentNotFound
from billing.payments.models import LIVE, Payment, PaymentState
from kernel import clock
from kernel.db import db, for_update
from kernel.money import Money
from tenants.accounts.queries import get_profile

ASKED_FOR = timedelta(days=30)  # how long an end that nobody has shown us is asked about


def _in_doubt() -> ColumnElement[bool]:
    ended = Payment.final_read_at.is_(None) & (Payment.requested_at > clock.now() - ASKED_FOR)
    return and_(
        Payment.session_ref.is_not(None),
        Payment.state != PaymentState.SUCCEEDED,
        or_(Payment.state.in_(LIVE), Payment.unknown_since.is_not(None), ended),
    )


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


def list_in_doubt(*, at_most: int) -> list[UUID]:
    """Payments whose end Stripe has not shown us: under way, out of reach, or of the last 30 days
    and ended without an answer. Those that were not asked about for longest come first."""
    query = (
        select(Payment.id)
        .where(_in_doubt())
        .order_by(Payment.asked_at.asc().nulls_first(), Payment.id)
        .limit(at_most)
    )
    return list(db.session.scalars(query))


def list_pages_on(account_ref: str) -> list[UUID]:
    """Payments on this account for which a page may be open, oldest first."""
    query = select(Payment.id).where(
        Payment.account_ref == account_ref,
        Payment.state.in_([PaymentState.REQUESTED, PaymentState.OPEN]),
        Payment.session_ref.is_not(None),
    )
    return list(db.session.scalars(query.order_by(Payment.id)))


def is_settled(account_ref: str) -> bool:
    """Whether nothing on this account is under way, out of reach, or in doubt."""
    query = select(Payment.id).where(Payment.account_ref == account_ref, _in_doubt())
    return db.session.scalars(query.limit(1)).first() is None


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
