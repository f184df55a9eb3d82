"""Learning from Stripe how a connected account stands."""

from billing import gateway
from billing.connections.errors import StripeAway
from billing.connections.models import PaymentConnection
from billing.connections.queries import can_charge, find_connection
from billing.connections.services.lost_access import note_lost_access
from kernel import clock
from kernel.db import transaction
from kernel.outbox import announce
from tenants.audit.services import record


def refresh_account() -> PaymentConnection | None:
    """Ask Stripe how the shop's account stands and record it; coming back proves nothing.

    Calls out. Without a connected account nothing is asked. Refused: when Stripe is away.
    """
    with transaction():
        found = find_connection()
        if found is None or found.account_ref is None:
            return found
        credentials = gateway.connected(found.account_ref)
    try:
        account = gateway.get_account(credentials=credentials)
    except gateway.GatewayAuthFailed:
        note_lost_access(credentials=credentials)
    except gateway.GatewayError as error:
        raise StripeAway from error
    else:
        apply_account(account=account)
    return find_connection()


def apply_account(*, account: gateway.Account) -> None:
    """Record what Stripe has just said of the shop's connected account."""
    with transaction():
        found = find_connection(lock=True)
        if found is None or found.account_ref != account.id:
            return
        before = can_charge(found)
        found.details_submitted = account.details_submitted
        found.charges_enabled = account.charges_enabled
        found.payouts_enabled = account.payouts_enabled
        found.requirements = list(account.due)
        found.disabled_reason = account.disabled_reason
        found.checked_at, found.deauthorized_at = clock.now(), None
        if can_charge(found) is not before:
            action = "payments.account_stopped" if before else "payments.account_ready"
            record(action=action, subject=account.id)
            announce("connection.changed")
