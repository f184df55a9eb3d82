"""A demo cooperative's account at the local Stripe sandbox, where one is running."""

import urllib.error
import urllib.request

from billing.connections.queries import find_connection
from billing.connections.services import begin_onboarding, refresh_account
from kernel.db import assert_no_transaction
from kernel.settings import settings

SECONDS = 3


def connect_to_sandbox(country: str, email: str) -> bool:
    """The shop acted for can be paid online; says whether. Nothing happens without a sandbox, or
    when the shop is connected already or has no country to be connected in."""
    base = settings().stripe_api_base
    if not country or not base or not _answers(base):
        return False
    known = find_connection()
    if known is not None and known.charges_enabled:
        return True
    office = f"{settings().app_origin}/"
    begin_onboarding(country=country, email=email, return_url=office, refresh_url=office)
    made = find_connection()
    assert made is not None, "onboarding has opened an account"
    _ask(f"{base}/_sandbox/accounts/{made.account_ref}/finish", method="POST")
    refresh_account()
    return True


def _answers(base: str) -> bool:
    try:
        _ask(f"{base}/_sandbox/health", method="GET")
    except (urllib.error.URLError, TimeoutError):
        return False
    return True


def _ask(url: str, *, method: str) -> None:
    assert_no_transaction()
    assert url.startswith(("http://127.0.0.1", "http://localhost")), (
        "the sandbox is on this machine"
    )
    request = urllib.request.Request(url, method=method)  # noqa: S310 - checked above
    with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310 - checked above
        return
