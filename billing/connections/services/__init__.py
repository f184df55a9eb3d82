"""What can be done with a shop's ways of being paid; one file per verb."""

from billing.connections.services.lost_access import note_lost_access

__all__ = ["note_lost_access"]
