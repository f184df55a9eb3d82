"""What disputes do by themselves: be looked at again until they have ended."""

from uuid import UUID

from billing import gateway
from billing.connections.errors import NoConnection
from billing.connections.queries import get_credentials
from billing.disputes.queries import get_dispute, list_open_disputes
from billing.disputes.services import apply_dispute
from billing.payments.queries import get_payment
from kernel.db import transaction
from kernel.jobs import complete_job, job, network_job
from kernel.log import log
from kernel.outbox import announce


@job(queue="sweep")
def ask_again() -> None:
    """Every open dispute is looked at again, in case its news was lost."""
    for dispute in list_open_disputes():
        announce("dispute.doubted", dispute_id=dispute.id)


@network_job(queue="sweep")
def look_again(*, dispute_id: UUID) -> None:
    """The dispute is known as it stands at Stripe; out of reach it stays as it was last told."""
    told = None
    with transaction():
        dispute = get_dispute(dispute_id)
        payment = get_payment(dispute.payment_id)
    try:
        with transaction():
            credentials = get_credentials(payment.channel, payment.account_ref)
        told = gateway.get_dispute(credentials=credentials, dispute_id=dispute.dispute_ref)
    except (NoConnection, gateway.GatewayError) as error:
        log.warning("dispute_out_of_reach", reason=type(error).__name__)
    with transaction():
        if told is not None:
            apply_dispute(payment_id=payment.id, told=told)
        complete_job()
