"""Keeping an event, once, to be worked later."""

import json
from datetime import datetime
from uuid import UUID

from billing import gateway
from billing.webhooks.models import ProviderEvent, ProviderEventState
from billing.webhooks.queries import get_event, list_unfinished
from billing.webhooks.rules import what_is_kept
from billing.webhooks.services.forget import EVENTS_KEPT
from kernel import clock
from kernel.db import insert_unless_there, transaction
from kernel.outbox import announce, keep_watch


def keep_event(
    *,
    event: gateway.WebhookEvent,
    account_ref: str,
    raw: str = "",
    state: ProviderEventState = ProviderEventState.RECEIVED,
    error: str = "",
) -> bool:
    """The event is in the inbox of the shop acted for and will be worked; says if it was new."""
    with transaction():
        made = insert_unless_there(
            ProviderEvent,
            account_ref=account_ref,
            event_ref=event.id,
            type=event.type,
            object_kind=event.object_kind or "",
            object_ref=event.object_id or "",
            api_version=str(event.body.get("api_version") or ""),
            livemode=event.livemode,
            source="webhook" if raw else "pull",
            raw=json.dumps(what_is_kept(json.loads(raw) if raw else event.body)),
            happened_at=event.created,
            state=state,
            error=error,
        )
        if made is not None:
            keep_watch("retention.due", clock.now() + EVENTS_KEPT)
        if made is not None and state is ProviderEventState.RECEIVED:
            announce("provider_event.received", event_id=made)
        return made is not None


def rerun_event(*, event_id: UUID) -> None:
    """The event is worked once more; doing so is always safe, because only news is applied."""
    with transaction():
        event = get_event(event_id, lock=True)
        if event.state is ProviderEventState.UNROUTABLE:
            return
        event.error = ""
        put_on_the_list(event)


def rework_unfinished(*, account_ref: str) -> int:
    """After the account was reached: its events that wait, or were refused only because nobody
    could look, are worked at once; returns how many."""
    with transaction():
        found = list_unfinished(account_ref=account_ref)
        for event in found:
            put_on_the_list(event)
        return len(found)


def put_on_the_list(event: ProviderEvent, *, due_at: datetime | None = None) -> None:
    """The event waits to be worked, by one job and no older one. Call with the row locked."""
    event.state, event.done_at = ProviderEventState.RECEIVED, None
    event.turn += 1
    announce("provider_event.received", due_at=due_at, event_id=event.id, turn=event.turn)
