"""Whose key and account a call uses, and the one client per key."""

import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import stripe
from stripe import RequestOptions

from kernel.jobs import in_job
from kernel.settings import settings

API_VERSION: Final = "2026-10-28.endive"
# Seconds to connect and to wait for the answer, and how often a call is sent again. A person waits
# five seconds at most; a job has longer than that before its lease runs out.
INTERACTIVE, PATIENT = (2.0, 5.0), (3.0, 10.0)
RETRIES = {INTERACTIVE: 0, PATIENT: 2}
_LONGEST_KEY = 255
_KEY = re.compile(r"[sr]k_(test|live)_\w{1,200}")
_ACCOUNT = re.compile(r"acct_\w{1,100}")
_CACHED_CLIENTS = 256

stripe.enable_telemetry = False


@dataclass(frozen=True, slots=True)
class Credentials:
    """The platform itself, the platform on a connected account, or a shop's own key.

    Refuses what is not a secret key, and an empty account: the SDK would take that for "none"
    and act on the platform's own account.
    """

    key: str = field(repr=False)
    account: str | None = None

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ValueError("not a Stripe secret key")
        if self.account is not None and not _ACCOUNT.fullmatch(self.account):
            raise ValueError("not a Stripe account")

    @property
    def livemode(self) -> bool:
        """Whether the key moves real money."""
        return "_live_" in self.key


def platform() -> Credentials:
    """Sheaf's own account."""
    return Credentials(settings().stripe_secret_key)


def connected(account_id: str) -> Credentials:
    """A shop's connected account, reached through the platform."""
    return Credentials(settings().stripe_secret_key, account_id)


def own_key(key: str) -> Credentials:
    """A shop's own account, reached with the shop's own key."""
    return Credentials(key)


def client_for(credentials: Credentials) -> stripe.StripeClient:
    # A process that forks must not share its parent's connections: hence the process id.
    timeout = PATIENT if in_job() else INTERACTIVE
    return _client(credentials.key, settings().stripe_api_base or "", timeout, os.getpid())


@lru_cache(maxsize=_CACHED_CLIENTS)
def _client(
    key: str, api_base: str, timeout: tuple[float, float], _process: int
) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": api_base} if api_base else {},
        max_network_retries=RETRIES[timeout],
        http_client=stripe.RequestsClient(timeout=timeout),
    )


def reading(credentials: Credentials) -> RequestOptions:
    """Options of a call that changes nothing."""
    return {"stripe_account": credentials.account} if credentials.account else {}


def writing(credentials: Credentials, idempotency_key: str) -> RequestOptions:
    """Options of a call that changes something: always under a key of ours."""
    assert 0 < len(idempotency_key) <= _LONGEST_KEY, "every change has its own idempotency key"
    return {**reading(credentials), "idempotency_key": idempotency_key}
