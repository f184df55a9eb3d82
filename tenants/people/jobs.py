"""What is over is forgotten by itself."""

from datetime import timedelta

from kernel import clock, cron
from kernel.jobs import job
from tenants.people.services.passwords import forget_old_resets
from tenants.people.services.sign_ups import forget_old_sign_ups
from tenants.sessions.services import forget_old_sessions, forget_old_shopper_sessions
from tenants.sessions.throttle import forget_old_counts

WORK_KEPT = timedelta(days=30)
AT_ONCE = 5000


@job(queue="sweep")
def forget_leftovers() -> None:
    """Sign-ups that came to nothing, links and sign-ins that ended and old counts are gone."""
    forget_old_sign_ups()
    forget_old_resets()
    forget_old_sessions()
    forget_old_counts()


@job(queue="sweep")
def forget_visitors() -> None:
    """Nobody is known in the shop acted for who has not come for a long time."""
    forget_old_shopper_sessions()


@job(queue="sweep")
def forget_finished_work() -> None:
    """Done work of the tenant acted for is kept a month to look into; dead jobs stay for good."""
    cron.forget_finished_work(before=clock.now() - WORK_KEPT, at_most=AT_ONCE)
