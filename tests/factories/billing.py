"""Typed makers of payment settings, payments and what shoppers do with them."""

from uuid import UUID

from billing import gateway
from billing.connections.models import (
    ConnectionMode,
    PaymentConnection,
    PaymentMethod,
    ProviderAccount,
)
from billing.connections.queries import KEY_FIELD, SECRET_FIELD
from billing.payments.models import Payment
from billing.payments.services import open_checkout, request_payment
from billing.sandbox import Sandbox, cards
from kernel.db import new_id, transaction
from kernel.money import Money
from kernel.scope import acting_for
from kernel.vault import seal
from tenants.accounts.models import Tenant


def make_connection(tenant: Tenant, sandbox: Sandbox, *, at_pickup: bool = True) -> str:
    """The shop has a Stripe account that has finished its onboarding; returns the account."""
    account = gateway.create_account(
        account=gateway.NewAccount(
            name=tenant.slug, email=f"owner@{tenant.slug}.test", country="DE"
        ),
        idempotency_key=f"account-{tenant.id}",
    )
    sandbox.change_account(account.id, "finish")
    sandbox.take_webhooks()
    with acting_for(tenant.id), transaction() as session:
        session.add(
            PaymentConnection(
                mode=ConnectionMode.CONNECT,
                at_pickup_enabled=at_pickup,
                account_ref=account.id,
                account_attempt=1,
                country="DE",
                details_submitted=True,
                charges_enabled=True,
                payouts_enabled=True,
            )
        )
        session.add(
            ProviderAccount(
                tenant_id=tenant.id, mode=ConnectionMode.CONNECT, account_ref=account.id
            )
        )
    return account.id


def make_own_keys(tenant: Tenant, sandbox: Sandbox) -> UUID:
    """The shop is paid through a Stripe key of its own; returns its webhook endpoint's id."""
    key = f"sk_test_own_{tenant.slug}"
    endpoint_id = new_id()
    account = gateway.get_account(credentials=gateway.own_key(key))
    endpoint = gateway.create_webhook_endpoint(
        credentials=gateway.own_key(key),
        url=f"http://sheaf.test/hooks/stripe/{endpoint_id}",
        types=["*"],
        idempotency_key=f"endpoint-{endpoint_id}",
    )
    with acting_for(tenant.id), transaction() as session:
        session.add(
            PaymentConnection(
                mode=ConnectionMode.OWN_KEYS,
                own_account_ref=account.id,
                own_key_sealed=seal(key, tenant_id=tenant.id, field=KEY_FIELD),
                own_endpoint_id=endpoint_id,
                own_webhook_ref=endpoint.id,
                own_webhook_secret_sealed=seal(
                    endpoint.secret, tenant_id=tenant.id, field=SECRET_FIELD
                ),
            )
        )
        session.add(
            ProviderAccount(
                tenant_id=tenant.id,
                mode=ConnectionMode.OWN_KEYS,
                account_ref=account.id,
                endpoint_id=endpoint_id,
            )
        )
    return endpoint_id


def make_payment(
    tenant: Tenant,
    amount: int = 1250,
    *,
    method: PaymentMethod = PaymentMethod.STRIPE,
    payable_id: UUID | None = None,
) -> Payment:
    """The shop waits for this many euro cents."""
    with acting_for(tenant.id):
        return request_payment(
            payable_id=payable_id or new_id(), amount=Money(amount, "EUR"), method=method
        )


def open_page(tenant: Tenant, payment: Payment) -> str:
    """The address of the page where the payment can be paid."""
    with acting_for(tenant.id):
        return open_checkout(
            payment_id=payment.id,
            lines=[gateway.CheckoutLine("Carrots, 1.25 kg", payment.amount)],
            success_url=f"http://{tenant.slug}.shops.test/thanks",
            cancel_url=f"http://{tenant.slug}.shops.test/checkout",
            email="shopper@example.com",
            language="en",
        )


def pay(
    tenant: Tenant, sandbox: Sandbox, amount: int = 1250, *, card: str = cards.SUCCESS
) -> Payment:
    """A shopper has paid this much on the page; Sheaf has heard nothing of it yet."""
    payment = make_payment(tenant, amount)
    sandbox.pay(open_page(tenant, payment).rsplit("/", 1)[1], card)
    return payment
