"""Why a refund failed, as its code says, and what the shop should do next. What we do not know we
do not guess: the next step is then to look, before any money moves twice (finding M2)."""

from collections.abc import Mapping

from billing.refunds.rules import CANCELLED, DISPUTED, MORE_THAN_LEFT
from kernel.errors import N_

_TOO_LITTLE = N_(
    "There is too little money in your Stripe account. Put money in, or wait for the next sales, "
    "then try again."
)
_DISPUTED = N_(
    "The shopper has disputed the payment at their bank, which decides who gets the money. "
    "Pay nothing back; answer the dispute in Stripe."
)
_ALREADY = N_(
    "Stripe says that this much of the payment has already been paid back. Look at it there; "
    "do not pay it back a second time."
)
_STOPPED = N_("The refund was cancelled at Stripe. Try again if the money should go back.")
DO_NOT_KNOW = N_(
    "We do not know why. Look at the payment in Stripe before you pay anything back: "
    "the money may have gone back already."
)
WHY: Mapping[str, str] = {
    "lost_or_stolen_card": N_(
        "The card is blocked, so the shopper's bank sent the money back to you. "
        "Pay the shopper back in another way."
    ),
    "expired_or_canceled_card": N_(
        "The card is closed, so the shopper's bank sent the money back to you. "
        "Pay the shopper back in another way."
    ),
    "declined": N_(
        "The bank did not take it, and the money stayed with you. "
        "Pay the shopper back in another way."
    ),
    "merchant_request": _STOPPED,
    CANCELLED: _STOPPED,
    "charge_already_refunded": _ALREADY,
    MORE_THAN_LEFT: _ALREADY,
    "insufficient_funds": _TOO_LITTLE,
    "balance_insufficient": _TOO_LITTLE,
    DISPUTED: _DISPUTED,
    "charge_for_pending_refund_disputed": _DISPUTED,
}


def why_it_failed(code: str) -> str:
    """The sentence for a code, marked for translation; for any other, that we do not know."""
    return WHY.get(code, DO_NOT_KNOW)
