"""Reading how a shop can be paid."""

from uuid import UUID

from sqlalchemy import select

from billing import gateway
from billing.connections.errors import NoConnection
from billing.connections.models import (
    ConnectionMode,
    FormerAccount,
    PaymentConnection,
    PaymentMethod,
    ProviderAccount,
)
from kernel.db import db, for_update
from kernel.scope import current_tenant_id
from kernel.vault import unseal

KEY_FIELD = "payment_connections.own_key"
SECRET_FIELD = "payment_connections.own_webhook_secret"  # noqa: S105 - a field's name


def find_connection(*, lock: bool = False) -> PaymentConnection | None:
    """The shop's payment settings; a new shop has none and takes money at pick-up."""
    query = select(PaymentConnection)
    return db.session.scalars(for_update(query) if lock else query).one_or_none()


def offered_methods() -> list[PaymentMethod]:
    """How shoppers can pay now, the shop's first choice first."""
    found = find_connection()
    methods = []
    if found is not None and can_charge(found):
        methods.append(PaymentMethod.STRIPE)
    if found is None or found.at_pickup_enabled:
        methods.append(PaymentMethod.AT_PICKUP)
    return methods


def can_charge(connection: PaymentConnection) -> bool:
    """Whether an online payment asked for now would reach the shop."""
    if connection.mode is ConnectionMode.CONNECT:
        return connection.charges_enabled and connection.deauthorized_at is None
    if connection.mode is ConnectionMode.OWN_KEYS:
        return connection.own_key_sealed is not None and connection.own_key_failed_at is None
    return False


def charging_account(connection: PaymentConnection) -> str | None:
    """The account that online payments go to now."""
    own = connection.mode is ConnectionMode.OWN_KEYS
    return connection.own_account_ref if own else connection.account_ref


def get_credentials(mode: ConnectionMode, account_ref: str | None) -> gateway.Credentials:
    """How to reach the account a payment was made on; NoConnection when its key is gone."""
    if mode is ConnectionMode.CONNECT and account_ref is not None:
        return gateway.connected(account_ref)
    if mode is not ConnectionMode.OWN_KEYS or account_ref is None:
        raise NoConnection
    sealed = _key_of(account_ref)
    if sealed is None:
        raise NoConnection
    return gateway.own_key(unseal(sealed, tenant_id=current_tenant_id(), field=KEY_FIELD))


def get_credentials_by_account(account_ref: str) -> gateway.Credentials:
    """The same for an account of which only the name is known, as in its news."""
    own = _key_of(account_ref) is not None
    return get_credentials(ConnectionMode.OWN_KEYS if own else ConnectionMode.CONNECT, account_ref)


def _key_of(account_ref: str) -> str | None:
    found = find_connection()
    if found is not None and found.own_account_ref == account_ref and found.own_key_sealed:
        return found.own_key_sealed
    kept = (one.key_sealed for one in list_former_accounts() if one.account_ref == account_ref)
    return next((key for key in kept if key is not None), None)


def list_former_accounts(*, lock: bool = False) -> list[FormerAccount]:
    """Accounts that the shop has left and on which something may not be settled, newest first."""
    query = (
        select(FormerAccount)
        .where(FormerAccount.settled_at.is_(None))
        .order_by(FormerAccount.left_at.desc(), FormerAccount.id)
    )
    return list(db.session.scalars(for_update(query) if lock else query))


def list_accounts() -> list[tuple[ConnectionMode, str]]:
    """Every account whose news we can and want to hear: of today, and left but not yet settled."""
    found = find_connection()
    accounts = {}
    if found is not None and found.account_ref is not None and found.deauthorized_at is None:
        accounts[found.account_ref] = ConnectionMode.CONNECT
    if found is not None and found.own_account_ref and found.own_key_failed_at is None:
        accounts[found.own_account_ref] = ConnectionMode.OWN_KEYS
    for former in list_former_accounts():
        if former.mode is ConnectionMode.CONNECT or former.key_sealed is not None:
            accounts.setdefault(former.account_ref, former.mode)
    return [(mode, account_ref) for account_ref, mode in accounts.items()]


def find_tenant_of_account(account_ref: str) -> UUID | None:
    """Whose a connected account is; platform-wide."""
    query = select(ProviderAccount.tenant_id).where(
        ProviderAccount.account_ref == account_ref,
        ProviderAccount.mode == ConnectionMode.CONNECT,
    )
    return db.session.scalars(query).one_or_none()


def find_endpoint(endpoint_id: UUID) -> ProviderAccount | None:
    """Whose webhook endpoint this is, of those shops that bring their own key; platform-wide."""
    query = select(ProviderAccount).where(ProviderAccount.endpoint_id == endpoint_id)
    return db.session.scalars(query).one_or_none()
