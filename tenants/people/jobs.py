"""What is over is forgotten by itself."""

from kernel import clock
from kernel.jobs import job
from tenants.people.services.sign_ups import forget_old_sign_ups
from tenants.sessions.services import forget_old_sessions
from tenants.sessions.throttle import forget_old_counts


@job
def forget_leftovers() -> None:
    """Sign-ups that came to nothing, sign-ins that ended and old counts of tries are gone."""
    forget_old_sign_ups()
    forget_old_sessions(before=clock.now())
    forget_old_counts()
