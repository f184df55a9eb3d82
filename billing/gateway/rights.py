"""What a restricted key may do, found out by calls that cannot do anything."""

from collections.abc import Callable
from enum import StrEnum

import stripe

from billing.gateway.client import Credentials, client_for, reading, writing
from billing.gateway.errors import GatewayAuthFailed, GatewayRefused
from billing.gateway.reaching import reaching_stripe
from kernel.db import new_id

NOTHING = "{kind}_sheaf_asks_for_its_rights"  # the name of nothing: a right is checked before it


class Right(StrEnum):
    """What is asked of a shop's own key."""

    READ_SESSIONS = "read_sessions"
    WRITE_SESSIONS = "write_sessions"
    READ_PAYMENTS = "read_payments"
    WRITE_PAYMENTS = "write_payments"
    READ_REFUNDS = "read_refunds"
    WRITE_REFUNDS = "write_refunds"
    READ_EVENTS = "read_events"


def has_right(*, credentials: Credentials, right: Right) -> bool:
    """Whether the key may do this; GatewayAuthFailed when it is no key at all any more."""
    try:
        with reaching_stripe():
            _TRIES[right](client_for(credentials), credentials)
    except GatewayRefused:
        return True  # it may, and there was nothing to do it to
    except GatewayAuthFailed as error:
        if error.revoked:
            raise
        return False
    return True


def _new(credentials: Credentials) -> stripe.RequestOptions:
    return writing(credentials, f"right-{new_id()}")


def _expire_nothing(client: stripe.StripeClient, credentials: Credentials) -> None:
    name = NOTHING.format(kind="cs_test")
    client.v1.checkout.sessions.expire(name, {}, _new(credentials))


def _cancel_nothing(client: stripe.StripeClient, credentials: Credentials) -> None:
    client.v1.payment_intents.cancel(NOTHING.format(kind="pi"), {}, _new(credentials))


def _refund_nothing(client: stripe.StripeClient, credentials: Credentials) -> None:
    nothing = NOTHING.format(kind="pi")
    client.v1.refunds.create({"payment_intent": nothing}, _new(credentials))


_TRIES: dict[Right, Callable[[stripe.StripeClient, Credentials], object]] = {
    Right.READ_SESSIONS: lambda client, own: client.v1.checkout.sessions.list(
        {"limit": 1}, reading(own)
    ),
    Right.WRITE_SESSIONS: _expire_nothing,
    Right.READ_PAYMENTS: lambda client, own: client.v1.payment_intents.list(
        {"limit": 1}, reading(own)
    ),
    Right.WRITE_PAYMENTS: _cancel_nothing,
    Right.READ_REFUNDS: lambda client, own: client.v1.refunds.list({"limit": 1}, reading(own)),
    Right.WRITE_REFUNDS: _refund_nothing,
    Right.READ_EVENTS: lambda client, own: client.v1.events.list({"limit": 1}, reading(own)),
}
