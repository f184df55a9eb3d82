"""What can be done with payments; one file per verb."""

from billing.payments.services.abandon import abandon_payment
from billing.payments.services.apply import apply_session, refresh_payment
from billing.payments.services.learn import learn_state
from billing.payments.services.open_checkout import open_checkout
from billing.payments.services.record_at_pickup import record_at_pickup
from billing.payments.services.request import request_payment

__all__ = [
    "abandon_payment",
    "apply_session",
    "learn_state",
    "open_checkout",
    "record_at_pickup",
    "refresh_payment",
    "request_payment",
]
