"""Working the inbox, and pulling what was never delivered."""

from datetime import datetime, timedelta
from uuid import UUID

from billing import gateway
from billing.connections.errors import NoConnection
from billing.connections.models import ConnectionMode
from billing.connections.queries import get_credentials, list_accounts
from billing.connections.rules import EVENT_TYPES
from billing.connections.services import (
    forget_former,
    list_left,
    note_lost_access,
    regain_access,
)
from billing.payments.errors import ProviderMismatch
from billing.payments.queries import is_settled
from billing.refunds.queries import refunds_settled
from billing.webhooks.models import EventCursor, ProviderEvent, ProviderEventState
from billing.webhooks.queries import find_cursor, get_event
from billing.webhooks.services import forget_old_events, keep_event, rework_unfinished
from billing.webhooks.services.find_out import Effect, find_out
from billing.webhooks.services.keep import put_on_the_list
from kernel import clock
from kernel.db import insert_unless_there, transaction
from kernel.jobs import complete_job, job, network_job
from kernel.log import log
from kernel.outbox import keep_watch

OVERLAP = timedelta(minutes=10)  # an event may be listed a little after it happened
SOONEST, LATEST = timedelta(seconds=30), timedelta(hours=6)
FIRST_LOOK = timedelta(days=3)  # as long as Stripe itself repeats a webhook
WATCHED = timedelta(days=30)


@network_job(queue="urgent")
def apply_event(*, event_id: UUID, turn: int = 0) -> None:
    """Read again what an event is about and record it, if that moves anything forward.

    An event that contradicts what we know is refused and changes nothing but its own mark. One
    that nobody can look into now is no such thing: it waits, longer each time.
    """
    with transaction():
        event = get_event(event_id)
        if event.state is not ProviderEventState.RECEIVED or turn < event.turn:
            complete_job()
            return
    try:
        effect = find_out(event)
        _finish(event_id, effect)
    except ProviderMismatch as error:
        _refuse(event_id, type(error).__name__)
    except (NoConnection, gateway.GatewayAuthFailed) as error:
        _wait(event_id, turn, type(error).__name__)
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


def _wait(event_id: UUID, turn: int, reason: str) -> None:
    """As long again as it has waited: rarely more than needed, and soon after the first time."""
    with transaction():
        event = get_event(event_id, lock=True)
        complete_job()
        if event.state is not ProviderEventState.RECEIVED or event.turn != turn:
            return
        event.error = reason
        put_on_the_list(event, due_at=_again(event))
    log.warning("event_waits", type=event.type, event_ref=event.event_ref, reason=reason)


def _again(event: ProviderEvent) -> datetime:
    waited = clock.now() - event.received_at
    return clock.now() + min(max(waited, SOONEST), LATEST)


def _refuse(event_id: UUID, reason: str) -> None:
    with transaction():
        event = get_event(event_id, lock=True)
        event.state, event.error = ProviderEventState.REFUSED, reason
        event.done_at = clock.now()
        complete_job()
    log.error("event_refused", type=event.type, event_ref=event.event_ref, reason=reason)


@job(queue="sweep")
def watch_events() -> None:
    """A shop whose connection changed is asked for news for a month; a payment prolongs it."""
    if list_accounts():
        keep_watch("stripe.pull", clock.now() + WATCHED)


@network_job(queue="sweep")
def pull_events() -> None:
    """Fetch what happened on the shop's accounts since the last look; what is new is worked.

    An account or key that had lost its access is tried first, and one that the shop has left is
    heard until its last payment is settled. What waited for access is worked at once.
    """
    regain_access()
    with transaction():
        accounts = list_accounts()
    for mode, account_ref in accounts:
        _pull(mode, account_ref)
    with transaction():
        complete_job()


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
    reworked = rework_unfinished(account_ref=account_ref)
    if reworked:
        log.warning("events_are_reworked", count=reworked)


@job(queue="sweep")
def forget_events() -> None:
    """What was worked long ago is gone from the inbox."""
    forget_old_events()


@network_job(queue="sweep")
def close_former_accounts() -> None:
    """Of an account that the shop has left nothing is kept once everything on it is settled, or
    after thirty days."""
    for left in list_left():
        with transaction():
            settled = is_settled(left.account_ref) and refunds_settled(left.account_ref)
        if settled or left.over:
            forget_former(former_id=left.id)
    with transaction():
        complete_job()
