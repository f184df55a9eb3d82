"""Sign-ins and codes whose time is over."""

from kernel.jobs import job
from storefront.shoppers.services import forget_what_is_over


@job(queue="sweep")
def sweep_sign_ins() -> None:
    """Nothing about a visitor is kept longer than the visitor's session."""
    forget_what_is_over()
