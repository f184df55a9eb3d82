"""Learning that a shop's account or key no longer lets us in."""

from billing import gateway
from billing.connections.models import PaymentConnection
from billing.connections.queries import KEY_FIELD, find_connection
from kernel import clock
from kernel.db import transaction
from kernel.outbox import announce
from kernel.scope import current_tenant_id
from kernel.vault import unseal
from tenants.alerts.services import alert


def note_lost_access(*, credentials: gateway.Credentials) -> bool:
    """After Stripe refused these credentials: the shop no longer offers what needs them.

    Calls out: when our own key is what fails, nothing is said about the shop. Says whether the
    shop's account or key is certainly what is lost.
    """
    if credentials.account is not None and not _is_certainly_lost(credentials):
        return False
    with transaction():
        found = find_connection(lock=True)
        if found is None:
            return True
        before = (found.charges_enabled, found.own_key_failed_at)
        if credentials.account is None:
            if credentials.key == own_key_of(found):
                found.own_key_failed_at = found.own_key_failed_at or clock.now()
        elif credentials.account == found.account_ref:
            mark_deauthorized(found)
        if (found.charges_enabled, found.own_key_failed_at) != before:
            announce("connection.changed")
    return True


def mark_deauthorized(connection: PaymentConnection) -> None:
    """The shop has taken its permission back at Stripe. Call with the row locked."""
    if connection.deauthorized_at is None:
        connection.deauthorized_at = clock.now()
        alert(action="payments.account_disconnected", subject=connection.account_ref or "")
    connection.charges_enabled = connection.payouts_enabled = False


def own_key_of(connection: PaymentConnection) -> str | None:
    """The shop's own key, opened; None when there is none."""
    if connection.own_key_sealed is None:
        return None
    return unseal(connection.own_key_sealed, tenant_id=current_tenant_id(), field=KEY_FIELD)


def _is_certainly_lost(credentials: gateway.Credentials) -> bool:
    """Whether our key works and yet is not let into the account, not even to look at it."""
    try:
        gateway.get_account(credentials=gateway.platform())
    except gateway.GatewayError:
        return False
    try:
        gateway.get_account(credentials=credentials)
    except gateway.GatewayAuthFailed as error:
        return error.code == gateway.NO_ACCESS_TO_ACCOUNT
    except gateway.GatewayError:
        return False
    return False
