"""Leading a cooperative to a Stripe account of its own."""

from uuid import UUID, uuid4

from sqlalchemy import select

from billing import gateway
from billing.connections.errors import CountryRefused, OnboardingRefused, StripeAway
from billing.connections.models import ConnectionMode, PaymentConnection, ProviderAccount
from billing.connections.rules import COUNTRIES
from billing.connections.services.former import keep_connected_account
from billing.connections.services.settings import lock_settings
from kernel.db import db, transaction
from kernel.outbox import announce
from kernel.scope import current_tenant_id
from tenants.accounts.queries import get_profile
from tenants.alerts.services import alert
from tenants.audit.services import record
from tenants.factors.services.require import require_of_owners

TRIES = 3


def begin_onboarding(*, country: str, email: str, return_url: str, refresh_url: str) -> str:
    """A fresh address of Stripe's onboarding for the shop's one account, opened if it has none.

    Calls out. The address lets anyone in for minutes: redirect to it, never keep it. Refused: a
    country without Stripe, and when Stripe is away.
    """
    if country not in COUNTRIES:
        raise CountryRefused
    account_ref = _ensure_account(country, email)
    try:
        link = gateway.create_onboarding_link(
            account_id=account_ref,
            return_url=return_url,
            refresh_url=refresh_url,
            idempotency_key=f"link-{uuid4()}",
        )
    except gateway.GatewayRefused as error:
        raise OnboardingRefused(reason=error.message) from error
    except gateway.GatewayError as error:
        raise StripeAway from error
    return link.url


def _ensure_account(country: str, email: str) -> str:
    for _ in range(TRIES):
        with transaction():
            found = lock_settings()
            if found.account_ref is not None and found.deauthorized_at is None:
                return found.account_ref
            if found.account_attempt == 0 or found.deauthorized_at is not None:
                _count_attempt(found)
            attempt = found.account_attempt
            account = gateway.NewAccount(
                name=get_profile().name,
                email=email,
                country=country,
                metadata={"tenant": str(current_tenant_id())},
            )
        made = _create(account, attempt)
        if made is not None:
            return _keep(made, attempt, country)
    raise StripeAway


def _count_attempt(connection: PaymentConnection) -> None:
    keep_connected_account(connection)
    connection.account_attempt += 1
    connection.account_ref, connection.deauthorized_at = None, None


def _create(account: gateway.NewAccount, attempt: int) -> gateway.Account | None:
    """The account; None when this attempt's key is spent and the next one has been counted."""
    try:
        return gateway.create_account(
            account=account, idempotency_key=f"account-{current_tenant_id()}-{attempt}"
        )
    except gateway.GatewayRefused as error:
        if error.code == "country_unsupported":
            raise CountryRefused from error
        if error.code != "idempotency_error":
            raise OnboardingRefused(reason=error.message) from error
    except gateway.GatewayUnavailable as error:
        if not error.replayed:
            raise StripeAway from error
    except gateway.GatewayAuthFailed as error:
        raise StripeAway from error
    with transaction():
        found = lock_settings()
        if found.account_attempt == attempt and found.account_ref is None:
            _count_attempt(found)
    return None


def _keep(made: gateway.Account, attempt: int, country: str) -> str:
    with transaction() as session:
        found = lock_settings()
        if found.account_ref is not None:
            return found.account_ref  # a second click was faster
        assert found.account_attempt == attempt, "attempts are counted under the lock"
        found.account_ref, found.country = made.id, country
        if found.mode is ConnectionMode.NONE:
            found.mode = ConnectionMode.CONNECT
        if _owner(made.id) is None:
            session.add(
                ProviderAccount(
                    tenant_id=current_tenant_id(),
                    mode=ConnectionMode.CONNECT,
                    account_ref=made.id,
                )
            )
        record(action="payments.account_opened", subject=made.id)
        alert(action="payments.account_opened", subject=made.id)
        require_of_owners()
        announce("connection.changed")
        return made.id


def _owner(account_ref: str) -> UUID | None:
    query = select(ProviderAccount.tenant_id).where(ProviderAccount.account_ref == account_ref)
    return db.session.scalars(query).one_or_none()
