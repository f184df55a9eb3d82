"""What can be done with a shop's ways of being paid; one file per verb."""

from billing.connections.services.begin_onboarding import begin_onboarding
from billing.connections.services.former import forget_former, list_left
from billing.connections.services.lost_access import note_lost_access
from billing.connections.services.own_keys import remove_own_key, save_own_key
from billing.connections.services.refresh_account import apply_account, refresh_account
from billing.connections.services.regain_access import regain_access
from billing.connections.services.settings import choose_mode, set_at_pickup

__all__ = [
    "apply_account",
    "begin_onboarding",
    "choose_mode",
    "forget_former",
    "list_left",
    "note_lost_access",
    "refresh_account",
    "regain_access",
    "remove_own_key",
    "save_own_key",
    "set_at_pickup",
]
