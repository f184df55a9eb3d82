"""A payer's bank that asks for a payment back."""

from dataclasses import dataclass
from datetime import datetime

import stripe

from billing.gateway import facts
from billing.gateway.client import Credentials, client_for, platform, reading
from billing.gateway.reaching import reaching_stripe
from kernel.money import Money


@dataclass(frozen=True, slots=True)
class Dispute:
    """A payer's bank asks for the money back; `refundable` says that it can still be given back
    without losing it twice. `answer_by` is None when there is nothing to answer."""

    id: str
    status: str
    reason: str
    amount: Money
    refundable: bool
    answer_by: datetime | None
    created: datetime


def get_dispute(*, credentials: Credentials, dispute_id: str) -> Dispute:
    """The dispute as it stands now."""
    with reaching_stripe():
        made = client_for(credentials).v1.disputes.retrieve(dispute_id, {}, reading(credentials))
    return _dispute(made)


def dispute_page(dispute_id: str, *, account_ref: str) -> str:
    """Where the shop answers the dispute, in Stripe's own dashboard."""
    mode = "" if platform().livemode else "/test"
    return f"https://dashboard.stripe.com/{account_ref}{mode}/disputes/{dispute_id}"


def _dispute(made: stripe.Dispute) -> Dispute:
    due = getattr(getattr(made, "evidence_details", None), "due_by", None)
    return Dispute(
        id=made.id,
        status=made.status or "",
        reason=getattr(made, "reason", None) or "",
        amount=facts.money(made.amount, made.currency),
        refundable=bool(getattr(made, "is_charge_refundable", False)),
        answer_by=facts.moment(due) if due else None,
        created=facts.moment(made.created),
    )
