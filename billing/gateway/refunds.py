"""Giving money back: to the payer, and our fee to the shop."""

from collections.abc import Mapping

from billing.gateway import facts
from billing.gateway.client import Credentials, client_for, platform, reading, writing
from billing.gateway.facts import FeeRefund, Refund
from billing.gateway.reaching import reaching_stripe
from kernel.money import Money

_PAGE = 100


def create_refund(
    *,
    credentials: Credentials,
    payment_id: str,
    amount: Money,
    metadata: Mapping[str, str],
    idempotency_key: str,
) -> Refund:
    """That much of the payment is on its way back; refused beyond what is left of it.

    Our fee stays: give back its exact part with `refund_application_fee`.
    """
    with reaching_stripe():
        made = client_for(credentials).v1.refunds.create(
            {
                "payment_intent": payment_id,
                "amount": amount.minor,
                "reason": "requested_by_customer",
                "metadata": dict(metadata),
            },
            writing(credentials, idempotency_key),
        )
    return facts.refund(made)


def get_refund(*, credentials: Credentials, refund_id: str) -> Refund:
    """The refund as it is now; one that succeeded can still fail later."""
    with reaching_stripe():
        made = client_for(credentials).v1.refunds.retrieve(refund_id, {}, reading(credentials))
    return facts.refund(made)


def list_refunds(*, credentials: Credentials, payment_id: str) -> list[Refund]:
    """All refunds of a payment, newest first: to find one whose answer was lost."""
    with reaching_stripe():
        found = client_for(credentials).v1.refunds.list(
            {"payment_intent": payment_id, "limit": _PAGE}, reading(credentials)
        )
        return [facts.refund(made) for made in found.auto_paging_iter()]


def find_application_fee(*, charge_id: str) -> str | None:
    """What our fee on a connected account's charge is called; None while Stripe has not taken it.

    Asked of our own account, so that it is found also when the shop's is out of reach.
    """
    home = platform()
    with reaching_stripe():
        found = client_for(home).v1.application_fees.list(
            {"charge": charge_id, "limit": 1}, reading(home)
        )
        return next((fee.id for fee in found.data), None)


def refund_application_fee(
    *, fee_id: str, amount: Money, metadata: Mapping[str, str], idempotency_key: str
) -> FeeRefund:
    """Exactly that much of our fee is the shop's again; refused beyond what is left of it."""
    home = platform()
    with reaching_stripe():
        made = client_for(home).v1.application_fees.refunds.create(
            fee_id,
            {"amount": amount.minor, "metadata": dict(metadata)},
            writing(home, idempotency_key),
        )
    return facts.fee_refund(made)


def list_fee_refunds(*, fee_id: str) -> list[FeeRefund]:
    """All parts of a fee given back, newest first: to find one whose answer was lost."""
    home = platform()
    with reaching_stripe():
        found = client_for(home).v1.application_fees.refunds.list(
            fee_id, {"limit": _PAGE}, reading(home)
        )
        return [facts.fee_refund(made) for made in found.auto_paging_iter()]
