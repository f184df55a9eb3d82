"""Reading the inbox, and who may write into it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from billing.connections.queries import SECRET_FIELD, find_connection, find_endpoint
from billing.webhooks.errors import EndpointNotFound, EventNotFound
from billing.webhooks.models import EventCursor, ProviderEvent
from kernel.db import db, for_update
from kernel.scope import acting_for
from kernel.settings import settings
from kernel.vault import unseal

PLATFORM, CONNECT = "platform", "connect"


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
        found = find_connection()
        if found is None or found.own_endpoint_id != known.endpoint_id:
            raise EndpointNotFound
        sealed = found.own_webhook_secret_sealed or ""
    secret = unseal(sealed, tenant_id=known.tenant_id, field=SECRET_FIELD)
    return Endpoint(name, (secret,), known.tenant_id, known.account_ref)


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


def find_cursor(account_ref: str) -> EventCursor | None:
    """Up to when this account's news has been pulled."""
    query = select(EventCursor).where(EventCursor.account_ref == account_ref)
    return db.session.scalars(query).one_or_none()
