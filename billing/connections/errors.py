"""Refusals about how a shop is paid."""

from kernel.errors import N_, Conflict, Refused


class NoConnection(Conflict):
    """The account a payment was made on can no longer be reached."""

    code = "no_connection"
    message = N_(
        "The Stripe account of this payment is no longer connected. Use Stripe's own dashboard."
    )


class StripeAway(Refused):
    code = "stripe_away"
    message = N_("Stripe cannot be reached at the moment. Nothing was changed; try again shortly.")
