"""Disputes in words, for the page of the order that they are about."""

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext

from billing import gateway
from billing.disputes.models import Dispute
from billing.disputes.queries import disputes_of
from billing.disputes.rules import Standing, reason_words
from kernel.errors import N_
from kernel.i18n import datetime_text, money_text

ENDS = {
    Standing.WON: (N_("The bank's claim of {amount} came to nothing: the money is yours."), "ok"),
    Standing.CLOSED: (
        N_("The bank's question about {amount} is closed: the money is yours."),
        "ok",
    ),
    Standing.LOST: (
        N_("The bank has given {amount} back to the payer. Do not pay it back again."),
        "warn",
    ),
}
ASKED = N_(
    "The payer's bank asks about {amount}; reason: {reason}. No money has been taken so far. "
    "Answer by {deadline}, or refund the order."
)
CLAIMED = N_(
    "The payer's bank claims {amount} back; reason: {reason}. Answer by {deadline}, or the money "
    "is lost. Do not pay the shopper back besides: it would be lost twice."
)
ANSWERED = N_(
    "The payer's bank claims {amount} back; reason: {reason}. It is looking at the answer. Do not "
    "pay the shopper back besides: the money would be lost twice."
)


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """One dispute as a banner; `url` leads to where it is answered."""

    text: str
    tone: str
    url: str


def dispute_rows(order_id: UUID) -> list[DisputeRow]:
    """Every dispute about an order, oldest first."""
    return [_row(one) for one in disputes_of(order_id)]


def _row(dispute: Dispute) -> DisputeRow:
    words, tone = ENDS.get(dispute.standing, (_open_words(dispute), "error"))
    deadline = datetime_text(dispute.answer_by) if dispute.answer_by else gettext("soon")
    text = str(gettext(words)).format(
        amount=money_text(dispute.amount),
        reason=gettext(reason_words(dispute.reason)),
        deadline=deadline,
    )
    url = gateway.dispute_page(dispute.dispute_ref, account_ref=dispute.account_ref)
    return DisputeRow(text, tone, url if dispute.ended_at is None else "")


def _open_words(dispute: Dispute) -> str:
    if dispute.standing is Standing.UNDER_REVIEW:
        return ANSWERED
    return ASKED if dispute.is_inquiry else CLAIMED
