"""A Stripe of our own on the loopback; its webhooks are delivered by hand."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import stripe
from flask import Flask

from billing.gateway.breaker import breaker_for
from billing.sandbox import PLATFORM_KEY, Sandbox
from kernel.settings import settings, use


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    with Sandbox(deliver=False) as running:
        yield running


@pytest.fixture
def sandbox(
    app: Flask, sandbox_process: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sandbox]:
    """The gateway speaks to this sandbox, which starts empty."""
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)  # between the SDK's own retries
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0)
    before = settings()
    use(replace(before, stripe_secret_key=PLATFORM_KEY, stripe_api_base=sandbox_process.url))
    breaker_for(sandbox_process.url).reset()
    yield sandbox_process
    use(before)
    sandbox_process.world.ahead = 0
    sandbox_process.reset()
