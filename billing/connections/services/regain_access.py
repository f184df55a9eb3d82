"""Learning that a shop's account or key lets us in again."""

from billing import gateway
from billing.connections.errors import KeyLacksRights
from billing.connections.queries import find_connection
from billing.connections.services.lost_access import own_key_of
from billing.connections.services.refresh_account import apply_account
from billing.connections.services.rights import check_rights
from kernel.db import transaction
from kernel.outbox import announce
from tenants.audit.services import record


def regain_access() -> None:
    """Try what had lost its access: an account or key that lets us in again is used again.

    Calls out. What is asked for is all that is needed, so that nothing is believed by halves.
    """
    with transaction():
        found = find_connection()
        if found is None:
            return
        account_ref = found.account_ref if found.deauthorized_at is not None else None
        key = own_key_of(found) if found.own_key_failed_at is not None else None
    if account_ref is not None:
        _try_account(account_ref)
    if key is not None:
        _try_key(key)


def _try_account(account_ref: str) -> None:
    credentials = gateway.connected(account_ref)
    try:
        account = gateway.get_account(credentials=credentials)
    except gateway.GatewayError:
        return  # still lost, or nobody can know: both stay as they are
    apply_account(account=account)


def _try_key(key: str) -> None:
    try:
        check_rights(credentials=gateway.own_key(key))
    except (gateway.GatewayError, KeyLacksRights):
        return
    with transaction():
        found = find_connection(lock=True)
        if found is None or found.own_key_failed_at is None or own_key_of(found) != key:
            return
        found.own_key_failed_at = None
        record(action="payments.own_key_works_again", subject=found.own_account_ref or "")
        announce("connection.changed")
