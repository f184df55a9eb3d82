"""Carts that their visitors have left behind."""

from kernel import clock
from kernel.jobs import job
from storefront.carts.services import forget_old_carts
from tenants.sessions.rules import SHOPPER


@job(queue="sweep")
def sweep_carts() -> None:
    """A cart lives no longer than the session that finds it."""
    forget_old_carts(before=clock.now() - SHOPPER.total)
