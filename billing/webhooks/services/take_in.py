"""Receiving a webhook: believe the signature, keep the news, act on nothing yet."""

from uuid import UUID

from billing import gateway
from billing.connections.queries import find_tenant_of_account
from billing.webhooks.errors import ForeignEvent
from billing.webhooks.models import ProviderEventState
from billing.webhooks.queries import CONNECT, PLATFORM, Endpoint, get_webhook_endpoint
from billing.webhooks.services.keep import keep_event
from kernel import clock
from kernel.log import log
from kernel.scope import PLATFORM_ID, acting_for


def take_in(*, endpoint: str, payload: bytes, signature: str) -> None:
    """The event is kept once for the shop it belongs to, or as unroutable for the platform.

    Raises gateway.BadSignature unless one of the endpoint's secrets signed these bytes just now,
    ForeignEvent when it names an account or mode that is not the endpoint's, EndpointNotFound.
    """
    source = get_webhook_endpoint(endpoint)
    event = gateway.read_webhook(payload, signature, source.secrets, clock.now())
    _check(source, event)
    tenant_id, state, error = _route(source, event)
    with acting_for(tenant_id):
        keep_event(
            event=event,
            account_ref=event.account or source.account_ref or PLATFORM,
            raw=payload.decode(),
            state=state,
            error=error,
        )


def _check(source: Endpoint, event: gateway.WebhookEvent) -> None:
    if source.tenant_id is not None:
        fits = event.account in {None, source.account_ref} and _is_our_mode(event)
    else:
        fits = (event.account is not None) is (source.name == CONNECT)
    if not fits:
        log.warning("foreign_event", endpoint=source.name, type=event.type)
        raise ForeignEvent


def _route(source: Endpoint, event: gateway.WebhookEvent) -> tuple[UUID, ProviderEventState, str]:
    """Whose the event is. One that nobody here can own is kept, so that someone looks at it."""
    if not _is_our_mode(event):  # a live Connect endpoint is told of test events as well
        return PLATFORM_ID, ProviderEventState.UNROUTABLE, "other_mode"
    if source.name == PLATFORM:
        return PLATFORM_ID, ProviderEventState.IGNORED, ""
    tenant_id = source.tenant_id or find_tenant_of_account(event.account or "")
    if tenant_id is None:
        log.error("unroutable_event", type=event.type, event_ref=event.id)
        return PLATFORM_ID, ProviderEventState.UNROUTABLE, "unknown_account"
    return tenant_id, ProviderEventState.RECEIVED, ""


def _is_our_mode(event: gateway.WebhookEvent) -> bool:
    return event.livemode is gateway.platform().livemode
