"""What can be done with disputes; one file per verb."""

from billing.disputes.services.apply import apply_dispute
from billing.disputes.services.refuse import refuse_while_disputed

__all__ = ["apply_dispute", "refuse_while_disputed"]
