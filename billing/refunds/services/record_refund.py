"""Telling metering of money that went back."""

from billing.metering.models import Collection, UsageKind
from billing.metering.services import Recorded, UsageFact, record_usage
from billing.payments.models import Payment
from billing.payments.services.record_sale import collection_of, record_sale, sale_key, source_of
from billing.refunds.models import Refund


def refund_key(refund: Refund) -> str:
    """The business fact's own name."""
    return f"refund:{refund.refund_ref or refund.id}"


def record_refund(*, refund: Refund, payment: Payment) -> Recorded:
    """A refund that succeeded is one event in its sale's bucket, however often it is told."""
    record_sale(payment=payment)  # its news may still be on the way
    return record_usage(fact=_fact(refund, payment, UsageKind.REFUND))


def record_failure(*, refund: Refund, payment: Payment) -> Recorded | None:
    """A refund that was counted and then failed is undone; one never counted is nothing."""
    if refund.succeeded_at is None:
        return None
    record_refund(refund=refund, payment=payment)
    return record_usage(fact=_fact(refund, payment, UsageKind.REFUND_FAILED))


def _fact(refund: Refund, payment: Payment, kind: UsageKind) -> UsageFact:
    assert refund.occurred_at is not None, "only money that went back is counted"
    assert refund.succeeded_at is not None, "and only once it has arrived"
    collection = collection_of(payment)
    at_charge = collection is Collection.AT_CHARGE
    failed = kind is UsageKind.REFUND_FAILED
    return UsageFact(
        source=source_of(payment),
        source_key=f"refund_failed:{refund.refund_ref}" if failed else refund_key(refund),
        kind=kind,
        payable_id=refund.payable_id,
        amount=refund.amount,
        occurred_at=refund.occurred_at,
        collection=collection,
        target_key=refund_key(refund) if failed else sale_key(payment),
        fee_minor=kind.sign * refund.fee_minor if at_charge else None,
        # What went back to the shop with a refund stays there when the refund fails afterwards.
        collected_minor=0 if failed or not at_charge else -refund.fee_returned_minor,
        rate_ppm=payment.fee_ppm if at_charge else None,
        references={"payment": str(payment.id), "refund": str(refund.id)},
    )
