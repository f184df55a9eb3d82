"""Shops that bring a Stripe key of their own."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import delete

from billing import gateway
from billing.connections.errors import (
    AccountNotReady,
    KeyIsForTests,
    KeyIsLive,
    KeyRefused,
    NewsRefused,
    NotAKey,
    PublicKey,
    StripeAway,
)
from billing.connections.models import ConnectionMode, PaymentConnection, ProviderAccount
from billing.connections.queries import KEY_FIELD, SECRET_FIELD, can_charge, get_credentials
from billing.connections.rules import EVENT_TYPES, HINT_LENGTH, is_public_key
from billing.connections.services.former import keep_own_account
from billing.connections.services.rights import check_rights
from billing.connections.services.settings import lock_settings
from kernel.db import db, new_id, transaction
from kernel.log import log
from kernel.outbox import announce
from kernel.scope import current_tenant_id
from kernel.settings import settings
from kernel.vault import seal
from tenants.alerts.services import alert
from tenants.audit.services import record
from tenants.factors.services.require import require_of_owners

Leave = Callable[[str], None]


def save_own_key(*, key: str, leave: Leave) -> None:
    """Online payments go to the account of this key, which is sealed; Stripe reports them to us.

    Calls out. Refused at the field: no secret key, one that Stripe refuses, of the other mode, of
    an account that cannot take payments, that lacks a right, or may not set up reports. Another
    account's key that was here is left first (see remove_own_key); one of the same is replaced.
    """
    credentials = read_key(key.strip())
    account = _ask(credentials)
    _check_rights(credentials)
    former_ref = _own_account()
    moved = former_ref is not None and former_ref != account.id
    if moved and former_ref is not None:
        leave(former_ref)
    endpoint_id = new_id()
    endpoint = _ask_for_news(credentials, endpoint_id)
    former = None if moved else _former_endpoint()
    tenant_id = current_tenant_id()
    with transaction() as session:
        found = lock_settings()
        _forget(found, keep=moved)
        found.mode, found.own_account_ref = ConnectionMode.OWN_KEYS, account.id
        found.own_account_name = account.name
        found.own_key_sealed = seal(credentials.key, tenant_id=tenant_id, field=KEY_FIELD)
        found.own_key_hint = credentials.key[-HINT_LENGTH:]
        found.own_endpoint_id, found.own_webhook_ref = endpoint_id, endpoint.id
        found.own_webhook_secret_sealed = seal(
            endpoint.secret, tenant_id=tenant_id, field=SECRET_FIELD
        )
        found.own_event_types = list(EVENT_TYPES)
        session.add(_reports_of(account.id, endpoint_id))
        record(action="payments.own_key_saved", subject=account.id, hint=found.own_key_hint)
        alert(action="payments.own_key_saved", subject=account.id, hint=found.own_key_hint)
        require_of_owners()
        announce("connection.changed")
    _close(former)


def _ask_for_news(credentials: gateway.Credentials, endpoint_id: UUID) -> gateway.WebhookEndpoint:
    try:
        return gateway.create_webhook_endpoint(
            credentials=credentials,
            url=f"{settings().site_origin}/hooks/stripe/{endpoint_id}",
            types=EVENT_TYPES,
            idempotency_key=f"endpoint-{endpoint_id}",
        )
    except gateway.GatewayRefused as error:
        raise NewsRefused(reason=error.message) from error
    except gateway.GatewayAuthFailed as error:
        raise KeyRefused from error
    except gateway.GatewayError as error:
        raise StripeAway from error


def remove_own_key(*, leave: Leave) -> None:
    """The key is out of use, and gone once everything paid with it is settled, after thirty days at
    most. Later such payments can be given back only at Stripe itself.

    Calls out: `leave` closes or settles the account's open pages first, and refuses while it can
    do neither; then nothing is changed.
    """
    former_ref = _own_account()
    if former_ref is None:
        return
    leave(former_ref)
    with transaction():
        found = lock_settings()
        if found.own_key_sealed is None:
            return
        record(action="payments.own_key_removed", subject=found.own_account_ref or "")
        alert(action="payments.own_key_removed", subject=found.own_account_ref or "")
        _forget(found, keep=True)
        if found.mode is ConnectionMode.OWN_KEYS:
            found.mode = ConnectionMode.CONNECT if found.account_ref else ConnectionMode.NONE
        if not can_charge(found):
            found.at_pickup_enabled = True  # shoppers keep a way to pay
        announce("connection.changed")


def _reports_of(account_ref: str, endpoint_id: UUID) -> ProviderAccount:
    return ProviderAccount(
        tenant_id=current_tenant_id(),
        mode=ConnectionMode.OWN_KEYS,
        account_ref=account_ref,
        endpoint_id=endpoint_id,
    )


def _own_account() -> str | None:
    with transaction():
        found = lock_settings()
        return found.own_account_ref if found.own_key_sealed is not None else None


def _check_rights(credentials: gateway.Credentials) -> None:
    try:
        check_rights(credentials=credentials)
    except gateway.GatewayAuthFailed as error:
        raise KeyRefused from error
    except gateway.GatewayError as error:
        raise StripeAway from error


def read_key(text: str) -> gateway.Credentials:
    """A secret key of the mode that Sheaf runs in; refused otherwise, and when it is Sheaf's."""
    if is_public_key(text):
        raise PublicKey
    try:
        credentials = gateway.own_key(text)
    except ValueError as error:
        raise NotAKey from error
    ours = gateway.platform()
    if credentials.livemode is not ours.livemode:
        raise KeyIsLive if credentials.livemode else KeyIsForTests
    if credentials.key == ours.key:
        raise KeyRefused
    return credentials


def _ask(credentials: gateway.Credentials) -> gateway.Account:
    try:
        account = gateway.get_account(credentials=credentials)
    except (gateway.GatewayAuthFailed, gateway.GatewayRefused) as error:
        raise KeyRefused from error
    except gateway.GatewayError as error:
        raise StripeAway from error
    if not account.charges_enabled:
        raise AccountNotReady
    return account


def _forget(connection: PaymentConnection, *, keep: bool) -> None:
    if keep:
        keep_own_account(connection)
    elif connection.own_endpoint_id is not None:
        db.session.execute(
            delete(ProviderAccount).where(ProviderAccount.endpoint_id == connection.own_endpoint_id)
        )
    connection.own_account_ref, connection.own_account_name = None, ""
    connection.own_key_sealed, connection.own_key_hint = None, ""
    connection.own_key_failed_at, connection.own_endpoint_id = None, None
    connection.own_webhook_ref = connection.own_webhook_secret_sealed = None


def _former_endpoint() -> tuple[gateway.Credentials, str] | None:
    with transaction():
        found = lock_settings()
        if found.own_webhook_ref is None:
            return None
        return get_credentials(
            ConnectionMode.OWN_KEYS, found.own_account_ref
        ), found.own_webhook_ref


def _close(former: tuple[gateway.Credentials, str] | None) -> None:
    """Ask Stripe to stop reporting to an address that nobody listens at any more."""
    if former is None:
        return
    credentials, endpoint_ref = former
    try:
        gateway.delete_webhook_endpoint(credentials=credentials, endpoint_id=endpoint_ref)
    except gateway.GatewayError as error:
        # Harmless when it stays: what it sends is answered with 404 until Stripe gives up.
        log.warning("endpoint_left_behind", reason=type(error).__name__)
