"""Reading the inbox, and who may write into it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from billing.connections.models import ProviderAccount
from billing.connections.queries import (
    SECRET_FIELD,
    find_connection,
    find_endpoint,
    list_former_accounts,
)
from billing.webhooks.errors import EndpointNotFound, EventNotFound
from billing.webhooks.models import EventCursor, ProviderEvent, ProviderEventState
from kernel import clock
from kernel.db import db, for_update
from kernel.scope import acting_for
from kernel.settings import settings
from kernel.vault import unseal

PLATFORM, CONNECT = "platform", "connect"
MOMENT = timedelta(minutes=10)
KEPT_AT_STRIPE = timedelta(days=30)
AT_ONCE = 500
# As events were refused before it was known that this is no reason to refuse one.
NOBODY_COULD_LOOK = ("GatewayAuthFailed", "NoConnection")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address Stripe writes to. `tenant_id` is None where the event's account decides."""

    name: str
    secrets: Sequence[str] = field(repr=False)
    tenant_id: UUID | None = None
    account_ref: str | None = None


def get_webhook_endpoint(name: str) -> Endpoint:
    """The endpoint behind the last part of the address, or EndpointNotFound."""
    if name == PLATFORM:
        return Endpoint(PLATFORM, settings().stripe_webhook_secrets)
    if name == CONNECT:
        return Endpoint(CONNECT, settings().stripe_connect_webhook_secrets)
    known = find_endpoint(_as_id(name))
    if known is None:
        raise EndpointNotFound
    with acting_for(known.tenant_id):
        sealed = _sealed_secret(known)
    secret = unseal(sealed, tenant_id=known.tenant_id, field=SECRET_FIELD)
    return Endpoint(name, (secret,), known.tenant_id, known.account_ref)


def _sealed_secret(known: ProviderAccount) -> str:
    found = find_connection()
    if found is not None and found.own_endpoint_id == known.endpoint_id:
        return found.own_webhook_secret_sealed or ""
    for former in list_former_accounts():
        if former.endpoint_id == known.endpoint_id and former.webhook_secret_sealed:
            return former.webhook_secret_sealed
    raise EndpointNotFound


def _as_id(name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError as error:
        raise EndpointNotFound from error


def get_event(event_id: UUID, *, lock: bool = False) -> ProviderEvent:
    """One event of the inbox, or EventNotFound."""
    query = select(ProviderEvent).where(ProviderEvent.id == event_id)
    found = db.session.scalars(for_update(query) if lock else query).one_or_none()
    if found is None:
        raise EventNotFound
    return found


def list_unfinished(*, account_ref: str) -> list[ProviderEvent]:
    """The account's events that wait for longer than a moment, or were refused for no other reason
    than that nobody could look; locked, oldest first."""
    now = clock.now()
    waits = (ProviderEvent.state == ProviderEventState.RECEIVED) & (
        ProviderEvent.received_at < now - MOMENT
    )
    blind = (ProviderEvent.state == ProviderEventState.REFUSED) & ProviderEvent.error.in_(
        NOBODY_COULD_LOOK
    )
    query = (
        select(ProviderEvent)
        .where(
            ProviderEvent.account_ref == account_ref,
            ProviderEvent.received_at > now - KEPT_AT_STRIPE,
            waits | blind,
        )
        .order_by(ProviderEvent.received_at, ProviderEvent.id)
        .limit(AT_ONCE)
    )
    return list(db.session.scalars(for_update(query, skip_locked=True)))


def find_cursor(account_ref: str) -> EventCursor | None:
    """Up to when this account's news has been pulled."""
    query = select(EventCursor).where(EventCursor.account_ref == account_ref)
    return db.session.scalars(query).one_or_none()
