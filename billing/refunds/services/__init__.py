"""What can be done with refunds; one file per verb."""

from billing.refunds.services.apply import apply_refunds
from billing.refunds.services.hand_back import confirm_handed_back
from billing.refunds.services.request import request_refund

__all__ = ["apply_refunds", "confirm_handed_back", "request_refund"]
