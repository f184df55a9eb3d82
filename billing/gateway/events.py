"""News from Stripe: pushed and signed, or pulled when a push was missed."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import stripe

from billing.gateway import facts
from billing.gateway.client import API_VERSION, Credentials, client_for, reading, writing
from billing.gateway.errors import BadSignature
from billing.gateway.facts import WebhookEndpoint, WebhookEvent
from billing.gateway.reaching import reaching_stripe

# What reading any JSON as an event may raise.
NOT_AN_EVENT = (
    LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip
WINDOW_SECONDS = 300
_PAGE = 100


def read_webhook(
    payload: bytes, signature_header: str, secrets: Sequence[str], now: datetime
) -> WebhookEvent:
    """The event, when one of the secrets signed exactly these bytes within five minutes of now.

    The SDK alone would take a timestamp from the future.
    """
    if not any(_signed_with(secret, payload, signature_header) for secret in secrets):
        raise BadSignature("no active secret signed this")
    if abs(now.timestamp() - _signed_at(signature_header)) > WINDOW_SECONDS:
        raise BadSignature("signed too long ago, or in the future")
    try:
        return facts.event(json.loads(payload))
    except NOT_AN_EVENT as error:
        raise BadSignature("signed, but not an event") from error


def get_event(*, credentials: Credentials, event_id: str) -> WebhookEvent:
    """The event as Stripe keeps it, for 30 days."""
    with reaching_stripe():
        found = client_for(credentials).v1.events.retrieve(event_id, {}, reading(credentials))
    return facts.event(found.to_dict(), default_account=credentials.account)


def list_events(
    *, credentials: Credentials, since: datetime, types: Sequence[str]
) -> list[WebhookEvent]:
    """The account's events of these types from `since` on (at most 20 types), oldest first."""
    with reaching_stripe():
        found = client_for(credentials).v1.events.list(
            {
                "created": {"gte": int(since.timestamp())},
                "types": list(types),
                "limit": _PAGE,
            },
            reading(credentials),
        )
        events = [
            facts.event(one.to_dict(), default_account=credentials.account)
            for one in found.auto_paging_iter()
        ]
    return events[::-1]


def create_webhook_endpoint(
    *, credentials: Credentials, url: str, types: Sequence[str], idempotency_key: str
) -> WebhookEndpoint:
    """Stripe sends the account's events of these types to the address from now on.

    For shops with their own key; the platform's two endpoints are set up by its operator.
    """
    enabled: list[Any] = list(types)  # the package spells out every type there is
    with reaching_stripe():
        made = client_for(credentials).v1.webhook_endpoints.create(
            {"url": url, "enabled_events": enabled, "api_version": API_VERSION},
            writing(credentials, idempotency_key),
        )
    return WebhookEndpoint(id=made.id, secret=made.secret or "")


def update_webhook_endpoint(
    *, credentials: Credentials, endpoint_id: str, types: Sequence[str]
) -> None:
    """Stripe sends exactly these types there from now on; saying it again changes nothing."""
    enabled: list[Any] = list(types)
    with reaching_stripe():
        client_for(credentials).v1.webhook_endpoints.update(
            endpoint_id, {"enabled_events": enabled}, reading(credentials)
        )


def delete_webhook_endpoint(*, credentials: Credentials, endpoint_id: str) -> None:
    """Stripe sends nothing there any more."""
    with reaching_stripe():
        client_for(credentials).v1.webhook_endpoints.delete(endpoint_id, {}, reading(credentials))


def _signed_with(secret: str, payload: bytes, header: str) -> bool:
    if not header.isascii():  # the SDK would raise
        return False
    try:
        stripe.WebhookSignature.verify_header(payload, header, secret, tolerance=None)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True


def _signed_at(header: str) -> int:
    """The same timestamp that the signature check has just covered."""
    parts = (part.split("=", 2) for part in header.split(","))
    return next(int(part[1]) for part in parts if part[0] == "t")
