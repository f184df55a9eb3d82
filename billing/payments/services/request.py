"""Asking for money."""

from datetime import timedelta
from uuid import UUID

from billing.connections.models import PaymentMethod
from billing.connections.queries import charging_account, find_connection, offered_methods
from billing.payments.errors import (
    AlreadyPaid,
    AmountTooLarge,
    AmountTooSmall,
    MethodNotOffered,
    NothingToPay,
)
from billing.payments.models import LIVE, Payment, PaymentState
from billing.payments.queries import payments_of
from billing.payments.rules import largest_charge, smallest_charge
from kernel import clock
from kernel.db import transaction
from kernel.money import Money
from kernel.outbox import keep_watch

WATCHED = timedelta(days=120)  # as long as a payer may dispute a charge


def request_payment(*, payable_id: UUID, amount: Money, method: PaymentMethod) -> Payment:
    """One payment of this amount is waited for; asking again in the same way gives the same one.

    Refused: a method the shop does not offer now, an amount too small or too large for it, a thing
    that is paid already. While another request is alive, abandon that one first.
    """
    if amount.minor <= 0:
        raise NothingToPay
    with transaction() as session:
        for known in payments_of(payable_id, lock=True):
            if known.state is PaymentState.SUCCEEDED and known.refundable:
                raise AlreadyPaid
            if known.state in LIVE and known.abandoned_at is None:
                assert known.amount == amount, "the amount of a living request never changes"
                assert known.method is method, "abandon the other request first"
                return known
        _check(amount, method)
        payment = Payment(
            payable_id=payable_id,
            method=method,
            amount_minor=amount.minor,
            currency=amount.currency,
        )
        if method is PaymentMethod.STRIPE:
            _choose_account(payment)
            keep_watch("money.sweep", clock.now() + WATCHED)
            keep_watch("stripe.pull", clock.now() + WATCHED)
        session.add(payment)
        return payment


def _check(amount: Money, method: PaymentMethod) -> None:
    if method not in offered_methods():
        raise MethodNotOffered
    smallest = smallest_charge(amount.currency)
    if method is PaymentMethod.STRIPE and amount < smallest:
        raise AmountTooSmall(smallest=f"{smallest.decimal} {smallest.currency}")
    largest = largest_charge(amount.currency)
    if method is PaymentMethod.STRIPE and amount > largest:
        raise AmountTooLarge(largest=f"{largest.decimal} {largest.currency}")


def _choose_account(payment: Payment) -> None:
    connection = find_connection()
    assert connection is not None, "an offered online method has a connection"
    payment.channel, payment.account_ref = connection.mode, charging_account(connection)
