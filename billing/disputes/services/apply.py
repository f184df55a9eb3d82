"""Recording a dispute as Stripe tells it."""

from uuid import UUID

from billing import gateway
from billing.disputes.models import Dispute
from billing.disputes.queries import disputes_against, find_dispute_by_ref
from billing.disputes.rules import ENDED, WATCHED, moves_forward, standing_of, stops_refunds
from billing.payments.models import Payment
from billing.payments.queries import get_payment
from kernel import clock
from kernel.db import transaction
from kernel.outbox import announce, keep_watch
from tenants.audit.services import record


def apply_dispute(*, payment_id: UUID, told: gateway.Dispute) -> Dispute:
    """The dispute is known as it stands at Stripe; while it stops refunds, so does the payment.

    A new one is announced, and so is every step afterwards. What has ended does not open again
    because of old news.
    """
    with transaction() as session:
        payment = get_payment(payment_id, lock=True)
        dispute = find_dispute_by_ref(told.id)
        if dispute is None:
            dispute = _open(payment, told)
            session.add(dispute)
            _say("dispute.opened", dispute)
        elif dispute.status != told.status and moves_forward(dispute.status, told.status):
            _move(dispute, told)
            _say("dispute.moved", dispute)
        session.flush()
        stopping = [one for one in disputes_against(payment.id) if one.stops_refunds]
        payment.disputed_at = stopping[0].opened_at if stopping else None
        return dispute


def _open(payment: Payment, told: gateway.Dispute) -> Dispute:
    dispute = Dispute(
        payment_id=payment.id,
        payable_id=payment.payable_id,
        dispute_ref=told.id,
        account_ref=payment.account_ref or "",
        amount_minor=told.amount.minor,
        currency=told.amount.currency,
        opened_at=told.created,
    )
    _move(dispute, told)
    return dispute


def _move(dispute: Dispute, told: gateway.Dispute) -> None:
    dispute.status, dispute.reason = told.status, told.reason
    dispute.answer_by = told.answer_by or dispute.answer_by
    dispute.stops_refunds = stops_refunds(told.status, refundable=told.refundable)
    dispute.ended_at = clock.now() if standing_of(told.status) in ENDED else None


def _say(topic: str, dispute: Dispute) -> None:
    announce(topic, dispute_id=dispute.id, payable_id=dispute.payable_id)
    keep_watch("money.sweep", clock.now() + WATCHED)
    ended = dispute.ended_at is not None
    action = f"dispute.{dispute.standing}" if ended else topic
    record(action=action, subject=str(dispute.payable_id), amount_minor=dispute.amount_minor)
