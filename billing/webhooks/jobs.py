"""Working the inbox, and pulling what was never delivered."""

from datetime import timedelta
from uuid import UUID

from billing import gateway
from billing.connections.errors import NoConnection
from billing.connections.models import ConnectionMode
from billing.connections.queries import find_connection, get_credentials
from billing.connections.rules import EVENT_TYPES
from billing.connections.services import note_lost_access
from billing.payments.errors import ProviderMismatch
from billing.webhooks.models import EventCursor, ProviderEventState
from billing.webhooks.queries import find_cursor, get_event
from billing.webhooks.services import forget_old_events, keep_event
from billing.webhooks.services.find_out import Effect, find_out
from kernel import clock
from kernel.db import insert_unless_there, transaction
from kernel.jobs import complete_job, job, network_job
from kernel.log import log

OVERLAP = timedelta(minutes=10)  # an event may be listed a little after it happened
FIRST_LOOK = timedelta(days=3)  # as long as Stripe itself repeats a webhook


@network_job
def apply_event(*, event_id: UUID) -> None:
    """Read again what an event is about and record it, if that moves anything forward.

    An event that contradicts what we know is refused and changes nothing but its own mark.
    """
    with transaction():
        event = get_event(event_id)
        if event.state is not ProviderEventState.RECEIVED:
            complete_job()
            return
    try:
        effect = find_out(event)
        _finish(event_id, effect)
    except (ProviderMismatch, NoConnection, gateway.GatewayAuthFailed) as error:
        _refuse(event_id, type(error).__name__)
    except gateway.GatewayRefused as error:
        _refuse(event_id, error.code or "refused")


def _finish(event_id: UUID, effect: Effect | None) -> None:
    with transaction():
        event = get_event(event_id, lock=True)
        if event.state is ProviderEventState.RECEIVED:
            if effect is not None:
                effect()
            done = effect is not None
            event.state = ProviderEventState.DONE if done else ProviderEventState.IGNORED
            event.done_at = clock.now()
        complete_job()


def _refuse(event_id: UUID, reason: str) -> None:
    with transaction():
        event = get_event(event_id, lock=True)
        event.state, event.error = ProviderEventState.REFUSED, reason
        event.done_at = clock.now()
        complete_job()
    log.error("event_refused", type=event.type, event_ref=event.event_ref, reason=reason)


@network_job
def pull_events() -> None:
    """Fetch what happened on the shop's accounts since the last look; what is new is worked."""
    for mode, account_ref in _accounts():
        _pull(mode, account_ref)
    with transaction():
        complete_job()


def _accounts() -> list[tuple[ConnectionMode, str]]:
    with transaction():
        found = find_connection()
        if found is None:
            return []
        accounts = []
        if found.account_ref is not None and found.deauthorized_at is None:
            accounts.append((ConnectionMode.CONNECT, found.account_ref))
        if found.own_account_ref is not None and found.own_key_failed_at is None:
            accounts.append((ConnectionMode.OWN_KEYS, found.own_account_ref))
        return accounts


def _pull(mode: ConnectionMode, account_ref: str) -> None:
    with transaction():
        credentials = get_credentials(mode, account_ref)
        cursor = find_cursor(account_ref)
        since = cursor.pulled_until - OVERLAP if cursor else clock.now() - FIRST_LOOK
    begun = clock.now()
    try:
        events = gateway.list_events(credentials=credentials, since=since, types=EVENT_TYPES)
    except gateway.GatewayAuthFailed:
        note_lost_access(credentials=credentials)
        return
    with transaction():
        missed = sum(keep_event(event=event, account_ref=account_ref) for event in events)
        insert_unless_there(EventCursor, account_ref=account_ref, pulled_until=begun)
        cursor = find_cursor(account_ref)
        assert cursor is not None, "it was there or has just been made"
        cursor.pulled_until = max(cursor.pulled_until, begun)
    if missed:
        log.warning("events_were_missed", count=missed)


@job(queue="sweep")
def forget_events() -> None:
    """What was worked long ago is gone from the inbox."""
    forget_old_events()
