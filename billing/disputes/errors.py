"""Refusals about disputed payments."""

from kernel.errors import N_, Conflict, NotFound


class DisputeNotFound(NotFound):
    code = "dispute_not_found"
    message = N_("We could not find that dispute.")


class ChargeDisputed(Conflict):
    """What is given back while the bank claims the payment would be lost twice."""

    code = "charge_disputed"
    message = N_(
        "The shopper's bank is claiming this payment back, so it cannot be refunded as well: the "
        "money would be lost twice. Answer the dispute at Stripe; the bank decides."
    )
