"""What is over is forgotten by itself."""

from kernel.jobs import job
from tenants.people.services.passwords import forget_old_resets
from tenants.people.services.sign_ups import forget_old_sign_ups
from tenants.sessions.services import forget_old_sessions, forget_old_shopper_sessions
from tenants.sessions.throttle import forget_old_counts


@job
def forget_leftovers() -> None:
    """Sign-ups that came to nothing, links and sign-ins that ended and old counts are gone."""
    forget_old_sign_ups()
    forget_old_resets()
    forget_old_sessions()
    forget_old_counts()


@job
def forget_visitors() -> None:
    """Nobody is known in the shop acted for who has not come for a long time."""
    forget_old_shopper_sessions()
