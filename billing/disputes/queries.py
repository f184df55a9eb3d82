"""Reading disputes."""

from uuid import UUID

from sqlalchemy import select

from billing.disputes.errors import DisputeNotFound
from billing.disputes.models import Dispute
from kernel.db import db, for_update


def get_dispute(dispute_id: UUID, *, lock: bool = False) -> Dispute:
    """One dispute, or DisputeNotFound."""
    query = select(Dispute).where(Dispute.id == dispute_id)
    found = db.session.scalars(for_update(query) if lock else query).one_or_none()
    if found is None:
        raise DisputeNotFound
    return found


def find_dispute_by_ref(dispute_ref: str) -> Dispute | None:
    """The dispute that Stripe calls so."""
    query = select(Dispute).where(Dispute.dispute_ref == dispute_ref)
    return db.session.scalars(query).one_or_none()


def disputes_of(payable_id: UUID) -> list[Dispute]:
    """Every dispute there has been about this, oldest first."""
    query = select(Dispute).where(Dispute.payable_id == payable_id).order_by(Dispute.opened_at)
    return list(db.session.scalars(query))


def open_disputes(payable_id: UUID) -> list[Dispute]:
    """The disputes about this that have not ended, oldest first."""
    return [one for one in disputes_of(payable_id) if one.ended_at is None]


def list_open_disputes() -> list[Dispute]:
    """The shop's disputes that have not ended, the one that must be answered first in front."""
    query = (
        select(Dispute)
        .where(Dispute.ended_at.is_(None))
        .order_by(Dispute.answer_by.asc().nulls_last(), Dispute.opened_at)
    )
    return list(db.session.scalars(query))


def disputes_against(payment_id: UUID) -> list[Dispute]:
    """Every dispute about one payment, oldest first."""
    query = select(Dispute).where(Dispute.payment_id == payment_id).order_by(Dispute.opened_at)
    return list(db.session.scalars(query))
