"""Refusals of the webhook endpoint; the sender is told nothing more than the status."""

from kernel.errors import NotFound


class EndpointNotFound(NotFound):
    code = "endpoint_not_found"


class EventNotFound(NotFound):
    code = "event_not_found"


class ForeignEvent(Exception):
    """Rightly signed, but it names another account or mode than this endpoint serves."""
