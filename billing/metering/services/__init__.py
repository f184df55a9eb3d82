"""What can be done with usage; one file per verb."""

from billing.metering.services.facts import UsageFact
from billing.metering.services.record import Outcome, Recorded, record_usage, submit_usage
from billing.metering.services.replay import replay_reject

__all__ = [
    "Outcome",
    "Recorded",
    "UsageFact",
    "record_usage",
    "replay_reject",
    "submit_usage",
]
