"""Accounts that a shop has left: what is kept of them, and for how long."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select

from billing import gateway
from billing.connections.models import (
    ConnectionMode,
    FormerAccount,
    PaymentConnection,
    ProviderAccount,
)
from billing.connections.queries import KEY_FIELD, list_former_accounts
from billing.connections.rules import KEPT
from kernel import clock
from kernel.db import db, for_update, transaction
from kernel.log import log
from kernel.scope import current_tenant_id
from kernel.vault import unseal


@dataclass(frozen=True, slots=True)
class Left:
    """An account that was left, and whether it has been kept for as long as it may be."""

    id: UUID
    account_ref: str
    over: bool


def keep_own_account(connection: PaymentConnection) -> None:
    """The key, endpoint and secret of the shop's own account are kept, sealed as they are, until
    what was paid there is settled. Call with the row locked, before they are taken out of it."""
    if connection.own_account_ref is None:
        return
    db.session.add(
        FormerAccount(
            mode=ConnectionMode.OWN_KEYS,
            account_ref=connection.own_account_ref,
            key_sealed=connection.own_key_sealed,
            endpoint_id=connection.own_endpoint_id,
            webhook_ref=connection.own_webhook_ref,
            webhook_secret_sealed=connection.own_webhook_secret_sealed,
        )
    )


def keep_connected_account(connection: PaymentConnection) -> None:
    """The name of a connected account that is given up is kept, so that it is still asked about."""
    if connection.account_ref is not None:
        db.session.add(
            FormerAccount(mode=ConnectionMode.CONNECT, account_ref=connection.account_ref)
        )


def list_left() -> list[Left]:
    """The accounts that the shop acted for has left and that are still kept."""
    now = clock.now()
    return [
        Left(one.id, one.account_ref, one.left_at + KEPT <= now) for one in list_former_accounts()
    ]


def forget_former(*, former_id: UUID) -> None:
    """Nothing of a left account is kept any more; Stripe is asked to stop its reports.

    Calls out. Whether the reports stop does not matter: nobody listens to them afterwards.
    """
    with transaction():
        found = _get(former_id)
        reports = _reports(found)
    if reports is not None:
        try:
            gateway.delete_webhook_endpoint(credentials=reports[0], endpoint_id=reports[1])
        except gateway.GatewayError as error:
            log.warning("endpoint_left_behind", reason=type(error).__name__)
    with transaction() as session:
        found = _get(former_id, lock=True)
        if found.endpoint_id is not None:
            session.execute(
                delete(ProviderAccount).where(ProviderAccount.endpoint_id == found.endpoint_id)
            )
        found.key_sealed = found.webhook_secret_sealed = None
        found.settled_at = found.settled_at or clock.now()


def _get(former_id: UUID, *, lock: bool = False) -> FormerAccount:
    query = select(FormerAccount).where(FormerAccount.id == former_id)
    return db.session.scalars(for_update(query) if lock else query).one()


def _reports(found: FormerAccount) -> tuple[gateway.Credentials, str] | None:
    if found.key_sealed is None or found.webhook_ref is None:
        return None
    key = unseal(found.key_sealed, tenant_id=current_tenant_id(), field=KEY_FIELD)
    return gateway.own_key(key), found.webhook_ref
