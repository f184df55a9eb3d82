"""Telling metering of money that has arrived."""

from billing.connections.models import ConnectionMode, PaymentMethod
from billing.metering.models import Collection, UsageKind
from billing.metering.services import Recorded, UsageFact, record_usage
from billing.payments.models import Payment

STRIPE, OFFLINE = "stripe", "offline"


def source_of(payment: Payment) -> str:
    """Who knows of the money first: Stripe, or the person who took it."""
    return STRIPE if payment.method is PaymentMethod.STRIPE else OFFLINE


def sale_key(payment: Payment) -> str:
    """The business fact's own name, the same however often and by whatever way it is told."""
    if payment.method is PaymentMethod.STRIPE:
        return f"sale:{payment.charge_ref}"
    return f"offline:{payment.payable_id}:{payment.id}"


def collection_of(payment: Payment) -> Collection:
    """Only a connected account lets us take the fee out of the charge."""
    connected = payment.channel is ConnectionMode.CONNECT
    return Collection.AT_CHARGE if connected else Collection.IN_ARREARS


def record_sale(*, payment: Payment) -> Recorded:
    """A payment that succeeded is one sale in the metering, however often it is told."""
    assert payment.occurred_at is not None, "only money that arrived is a sale"
    collection = collection_of(payment)
    at_charge = collection is Collection.AT_CHARGE
    return record_usage(
        fact=UsageFact(
            source=source_of(payment),
            source_key=sale_key(payment),
            kind=UsageKind.SALE,
            payable_id=payment.payable_id,
            amount=payment.amount,
            occurred_at=payment.occurred_at,
            collection=collection,
            fee_minor=payment.application_fee_minor if at_charge else None,
            collected_minor=payment.application_fee_minor if at_charge else 0,
            rate_ppm=payment.fee_ppm if at_charge else None,
            references={"payment": str(payment.id)},
        )
    )
