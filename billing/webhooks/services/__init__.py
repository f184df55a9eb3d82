"""What can be done with Stripe's news; one file per verb."""

from billing.webhooks.services.forget import forget_old_events
from billing.webhooks.services.keep import keep_event, rerun_event, rework_unfinished
from billing.webhooks.services.take_in import take_in

__all__ = ["forget_old_events", "keep_event", "rerun_event", "rework_unfinished", "take_in"]
