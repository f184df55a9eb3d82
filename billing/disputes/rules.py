"""What Stripe's words for a dispute mean."""

from datetime import timedelta
from enum import StrEnum

from kernel.errors import N_

WATCHED = timedelta(days=180)  # banks take months; the hourly look goes on so long


class Standing(StrEnum):
    """How far a dispute is. A word that we do not know counts as open."""

    NEEDS_ANSWER = "needs_answer"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"  # an inquiry that came to nothing
    UNKNOWN = "unknown"


_STANDINGS = {
    "appeal_needs_response": Standing.NEEDS_ANSWER,
    "appeal_under_review": Standing.UNDER_REVIEW,
    "lost": Standing.LOST,
    "needs_response": Standing.NEEDS_ANSWER,
    "prevented": Standing.CLOSED,
    "under_review": Standing.UNDER_REVIEW,
    "warning_closed": Standing.CLOSED,
    "warning_needs_response": Standing.NEEDS_ANSWER,
    "warning_under_review": Standing.UNDER_REVIEW,
    "won": Standing.WON,
}
ENDED = frozenset({Standing.WON, Standing.LOST, Standing.CLOSED})
_HARMLESS = frozenset({Standing.WON, Standing.CLOSED})
# Stripe's reasons, as a part of a sentence.
REASONS = {
    "bank_cannot_process": N_("it cannot process the payment"),
    "credit_not_processed": N_("a refund that was promised did not come"),
    "customer_initiated": N_("the payer asked for the money back"),
    "debit_not_authorized": N_("the payer did not allow the debit"),
    "duplicate": N_("it was charged twice"),
    "fraudulent": N_("the payer says somebody else paid with the card"),
    "incorrect_account_details": N_("the account details are wrong"),
    "insufficient_funds": N_("there was too little money in the account"),
    "product_not_received": N_("the payer says nothing was handed over"),
    "product_unacceptable": N_("the payer says the products were not as agreed"),
    "subscription_canceled": N_("the payer says it was cancelled before"),
    "unrecognized": N_("the payer does not recognise the payment"),
}
NO_REASON = N_("none that we know")


def reason_words(reason: str) -> str:
    """Why the bank asks, to be translated by whoever says it."""
    return REASONS.get(reason, NO_REASON)


def standing_of(status: str) -> Standing:
    """How far a dispute is, by Stripe's word."""
    return _STANDINGS.get(status, Standing.UNKNOWN)


def is_inquiry(status: str) -> bool:
    """Whether the bank only asks, and has taken nothing so far."""
    return status.startswith("warning_")


def moves_forward(old: str, new: str) -> bool:
    """Whether news may be applied: what has ended is opened again by an appeal only."""
    if standing_of(old) not in ENDED:
        return True
    return standing_of(new) in ENDED or new.startswith("appeal_")


def stops_refunds(status: str, *, refundable: bool) -> bool:
    """Whether money given back now would be lost twice. `refundable` is Stripe's own word."""
    return not refundable and standing_of(status) not in _HARMLESS
