"""What a shop's connection to Stripe does by itself."""

from billing.connections.services.renew_endpoint import renew_endpoint
from kernel.db import transaction
from kernel.jobs import complete_job, network_job


@network_job(queue="sweep")
def renew_own_endpoint() -> None:
    """Stripe reports to a shop's own endpoint whatever we listen to now."""
    renew_endpoint()
    with transaction():
        complete_job()
