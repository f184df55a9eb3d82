"""What a shop's Stripe account is up to, in one word the page can act on."""

from enum import StrEnum

from billing.connections.models import PaymentConnection


class Standing(StrEnum):
    """From nothing to taking money."""

    NOT_CONNECTED = "not_connected"
    UNFINISHED = "unfinished"
    IN_REVIEW = "in_review"
    READY = "ready"
    STOPPED = "stopped"
    LEFT = "left"


def standing_of(connection: PaymentConnection) -> Standing:
    """How the connected account stands, by what Stripe said when last asked."""
    if connection.deauthorized_at is not None:
        return Standing.LEFT
    if connection.account_ref is None:
        return Standing.NOT_CONNECTED
    if connection.charges_enabled:
        return Standing.READY
    if not connection.details_submitted:
        return Standing.UNFINISHED
    return Standing.STOPPED if connection.requirements else Standing.IN_REVIEW
