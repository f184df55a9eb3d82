"""What plans do when a shop opens."""

from billing.plans.services import ensure_account
from kernel.jobs import job


@job
def begin_billing() -> None:
    """A new shop is on the free plan; running it twice is safe."""
    ensure_account()
