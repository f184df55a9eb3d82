"""A sandbox that sends nothing by itself, and someone who speaks to it over the wire."""

from collections.abc import Iterator

import pytest

from billing.sandbox import Sandbox
from tests.billing.sandbox.caller import Caller


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(deliver=False) as running:
        yield running


@pytest.fixture
def platform(sandbox: Sandbox) -> Caller:
    """Sheaf's own key."""
    return Caller(sandbox)


@pytest.fixture
def greenfield(platform: Caller) -> Caller:
    """Sheaf on the account of Greenfield, which may charge."""
    account = platform.open_account("Greenfield")
    platform.sandbox.take_webhooks()
    return platform.on(account)


@pytest.fixture
def hillside(platform: Caller) -> Caller:
    """Sheaf on the account of Hillside, which must never see Greenfield."""
    account = platform.open_account("Hillside")
    platform.sandbox.take_webhooks()
    return platform.on(account)
