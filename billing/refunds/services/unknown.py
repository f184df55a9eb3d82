"""What nobody can know yet of a refund: marked with its age, said once, asked again."""

from datetime import timedelta

from billing.refunds.models import Refund, RefundState
from billing.refunds.rules import next_wait
from kernel import clock
from kernel.log import log
from kernel.outbox import announce

BLIP = timedelta(minutes=10)  # Stripe may just be slow: it is said when it lasts


def mark_unknown(refund: Refund, *, reason: str, no_access: bool) -> None:
    """The refund is of unknown outcome since now, if it was not before. Call with it locked.

    `refund.unknown` follows once; whoever hears it looks whether it still is. Without access no
    job fails again and again: it is asked again later and later, then by the sweep.
    """
    refund.unknown_reason = reason
    if refund.unknown_since is None:
        refund.unknown_since = clock.now()
        announce(
            "refund.unknown",
            due_at=refund.unknown_since if no_access else refund.unknown_since + BLIP,
            refund_id=refund.id,
            payable_id=refund.payable_id,
        )
        log.error("refund_unknown", refund_id=str(refund.id), reason=reason)
    wait = next_wait(clock.now() - refund.unknown_since)
    if no_access and wait is not None and refund.state is RefundState.REQUESTED:
        announce("refund.requested", due_at=clock.now() + wait, refund_id=refund.id)
