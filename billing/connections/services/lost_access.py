"""Learning that a shop's account or key no longer lets us in."""

from billing import gateway
from billing.connections.models import PaymentConnection
from billing.connections.queries import find_connection
from kernel import clock
from kernel.db import transaction
from kernel.outbox import announce


def note_lost_access(*, credentials: gateway.Credentials) -> None:
    """After Stripe refused these credentials: the shop no longer offers what needs them.

    Calls out: when our own key is what fails, nothing is said about the shop.
    """
    if credentials.account is not None and not _platform_key_works():
        return
    with transaction():
        found = find_connection(lock=True)
        if found is None:
            return
        before = (found.charges_enabled, found.own_key_failed_at)
        if credentials.account is None:
            found.own_key_failed_at = found.own_key_failed_at or clock.now()
        elif credentials.account == found.account_ref:
            mark_deauthorized(found)
        if (found.charges_enabled, found.own_key_failed_at) != before:
            announce("connection.changed")


def mark_deauthorized(connection: PaymentConnection) -> None:
    """The shop has taken its permission back at Stripe. Call with the row locked."""
    connection.deauthorized_at = connection.deauthorized_at or clock.now()
    connection.charges_enabled = connection.payouts_enabled = False


def _platform_key_works() -> bool:
    try:
        gateway.get_account(credentials=gateway.platform())
    except gateway.GatewayError:
        return False
    return True
