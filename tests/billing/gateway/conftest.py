"""The real gateway and the real SDK against a sandbox on the loopback."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import stripe
from flask import Flask

from billing import gateway
from billing.gateway import Checkout, CheckoutLine, Credentials, NewAccount
from billing.sandbox import PLATFORM_KEY, Sandbox
from kernel import clock
from kernel import settings as kernel_settings
from kernel.money import Money


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The gateway speaks to this sandbox; it needs an app, but no database."""
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)  # between the SDK's own retries
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0)
    before = kernel_settings.settings()
    with Sandbox(deliver=False) as running, Flask("gateway").app_context():
        kernel_settings.use(
            replace(before, stripe_secret_key=PLATFORM_KEY, stripe_api_base=running.url)
        )
        yield running
        kernel_settings.use(before)


def open_account(sandbox: Sandbox, name: str) -> Credentials:
    account = NewAccount(name=name, email=f"owner@{name.lower()}.test", country="DE")
    made = gateway.create_account(account=account, idempotency_key=f"account:{name}")
    sandbox.change_account(made.id, "finish")
    sandbox.take_webhooks()
    return gateway.connected(made.id)


@pytest.fixture
def greenfield(sandbox: Sandbox) -> Credentials:
    return open_account(sandbox, "Greenfield")


@pytest.fixture
def hillside(sandbox: Sandbox) -> Credentials:
    """Must never see Greenfield."""
    return open_account(sandbox, "Hillside")


@pytest.fixture
def checkout() -> Checkout:
    """An order of Greenfield's: 12.50 for carrots, of which 0.31 is Sheaf's."""
    return Checkout(
        lines=[CheckoutLine("Carrots, 1.250 kg", Money(1250, "EUR"))],
        reference="order-1",
        success_url="http://greenfield.shops.test/thanks?s={CHECKOUT_SESSION_ID}",
        cancel_url="http://greenfield.shops.test/checkout",
        expires_at=clock.now() + timedelta(minutes=35),
        locale="zh_Hans_CN",
        customer_email="shopper@example.com",
        fee=Money(31, "EUR"),
        metadata={"tenant": "greenfield"},
    )
