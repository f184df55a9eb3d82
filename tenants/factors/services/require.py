"""Shops ask a second factor of their owners, or of everyone."""

from kernel import clock
from kernel.db import transaction
from tenants.accounts.queries import get_profile
from tenants.alerts.services import alert
from tenants.audit.services import record


def require_of_owners() -> None:
    """From a week after now on, owners of the shop acted for need a second factor, because its
    money is connected. What began earlier is not put off."""
    with transaction():
        profile = get_profile(lock=True)
        if profile.owners_need_factor_since is None:
            profile.owners_need_factor_since = clock.now()
            record(action="shop.factor_required", of="owners")


def require_of_everyone(*, wanted: bool) -> None:
    """Everyone who works in the shop acted for needs a second factor from a week after now on, or
    no longer; what is asked of owners stays."""
    with transaction():
        profile = get_profile(lock=True)
        if wanted is (profile.all_need_factor_since is not None):
            return
        profile.all_need_factor_since = clock.now() if wanted else None
        action = "shop.factor_required" if wanted else "shop.factor_optional"
        record(action=action, of="everyone")
        alert(action=action)
