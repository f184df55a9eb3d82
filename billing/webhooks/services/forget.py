"""News that is over is forgotten."""

from datetime import timedelta

from sqlalchemy import delete, select

from billing.webhooks.models import ProviderEvent, ProviderEventState
from kernel import clock
from kernel.db import transaction

# Longer than the provider itself keeps an event, and than any payment is asked about again.
EVENTS_KEPT = timedelta(days=90)
AT_ONCE = 5000


def forget_old_events() -> None:
    """Events worked or ignored this long ago are gone; what is refused or waits stays."""
    over = (
        ProviderEvent.state.in_([ProviderEventState.DONE, ProviderEventState.IGNORED]),
        ProviderEvent.received_at < clock.now() - EVENTS_KEPT,
    )
    with transaction() as session:
        old = session.scalars(select(ProviderEvent.id).where(*over).limit(AT_ONCE)).all()
        session.execute(delete(ProviderEvent).where(ProviderEvent.id.in_(old), *over))
