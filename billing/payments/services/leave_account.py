"""Leaving an account: its open pages are closed or settled before its key goes out of use."""

from billing.connections import services as connections
from billing.connections.errors import PagesStillOpen
from billing.payments.models import LIVE
from billing.payments.queries import get_payment, list_pages_on
from billing.payments.services.learn import learn_state
from kernel import clock
from kernel.db import transaction


def save_own_key(*, key: str) -> None:
    """As connections.save_own_key(); another account's open pages are closed or settled first."""
    connections.save_own_key(key=key, leave=close_pages)


def remove_own_key() -> None:
    """As connections.remove_own_key(); its open pages are closed or settled first."""
    connections.remove_own_key(leave=close_pages)


def close_pages(account_ref: str) -> None:
    """Nobody can pay on this account any more, and what was paid is recorded.

    Calls out. Refused: while a page may still be open and nobody can look at it.
    """
    open_still = 0
    for payment_id in list_pages_on(account_ref):
        with transaction():
            payment = get_payment(payment_id, lock=True)
            given_up, payment.abandoned_at = payment.abandoned_at, clock.now()
        payment = learn_state(payment_id=payment_id)
        ends = payment.session_expires_at
        if payment.unknown_since is not None and ends is not None and ends > clock.now():
            open_still += 1
            with transaction():
                again = get_payment(payment_id, lock=True)
                if again.state in LIVE:
                    again.abandoned_at = given_up
    if open_still:
        raise PagesStillOpen(count=open_still)
