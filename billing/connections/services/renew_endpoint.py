"""Keeping what Stripe reports to us in step with what we listen to."""

from billing import gateway
from billing.connections.models import ConnectionMode
from billing.connections.queries import find_connection, get_credentials
from billing.connections.rules import EVENT_TYPES
from kernel.db import transaction
from kernel.log import log


def renew_endpoint() -> None:
    """The endpoint of a shop with its own key is told of every type we listen to now, also of those
    that are newer than the endpoint. Calls out once after each change of the list.

    Out of reach it stays as it was: what it does not report is pulled every hour.
    """
    with transaction():
        found = find_connection()
        if found is None or found.own_webhook_ref is None:
            return
        if found.own_event_types == list(EVENT_TYPES):
            return
        endpoint_ref = found.own_webhook_ref
        credentials = get_credentials(ConnectionMode.OWN_KEYS, found.own_account_ref)
    try:
        gateway.update_webhook_endpoint(
            credentials=credentials, endpoint_id=endpoint_ref, types=EVENT_TYPES
        )
    except gateway.GatewayError as error:
        log.warning("endpoint_not_renewed", reason=type(error).__name__)
        return
    with transaction():
        found = find_connection(lock=True)
        if found is not None and found.own_webhook_ref == endpoint_ref:
            found.own_event_types = list(EVENT_TYPES)
