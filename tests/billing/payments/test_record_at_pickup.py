"""Money taken by hand, by a named person, once."""

import pytest
from flask import Flask

from billing.connections.models import PaymentMethod
from billing.payments.errors import NothingToPay, PaidOnline
from billing.payments.models import PaymentState
from billing.payments.queries import paid_minor, payments_of, refundable
from billing.payments.rules import SMALLEST
from billing.payments.services import record_at_pickup
from billing.sandbox import Sandbox
from kernel.db import new_id
from kernel.money import EXPONENTS, Money
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.factories.billing import make_connection, make_payment
from tests.jobs import run_due_jobs

BEN = new_id()


def test_the_person_who_took_the_money_is_written_down(app: Flask, greenfield: Tenant) -> None:
    asked = make_payment(greenfield, 980, method=PaymentMethod.AT_PICKUP)
    with acting_for(greenfield.id):
        taken = record_at_pickup(payable_id=asked.payable_id, taken_by=BEN)
        again = record_at_pickup(payable_id=asked.payable_id, taken_by=new_id())
    assert (taken.state, taken.recorded_by) == (PaymentState.SUCCEEDED, BEN)
    assert (again.id, again.recorded_by) == (taken.id, BEN)
    run_due_jobs(app)
    with acting_for(greenfield.id):
        assert paid_minor(asked.payable_id) == 980
        assert refundable(asked.payable_id) == Money(980, "EUR")


def test_money_is_not_taken_by_hand_while_it_is_taken_online(
    greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    with acting_for(greenfield.id):
        with pytest.raises(PaidOnline):
            record_at_pickup(payable_id=payment.payable_id, taken_by=BEN)
        assert paid_minor(payment.payable_id) == 0


def test_nothing_is_taken_for_what_nobody_asked_for(greenfield: Tenant, hillside: Tenant) -> None:
    asked = make_payment(greenfield, method=PaymentMethod.AT_PICKUP)
    with acting_for(hillside.id):
        with pytest.raises(NothingToPay):
            record_at_pickup(payable_id=asked.payable_id, taken_by=BEN)
        assert payments_of(asked.payable_id) == []
        assert refundable(asked.payable_id) == Money(0, "EUR")


def test_every_currency_of_a_shop_has_a_smallest_charge() -> None:
    assert set(SMALLEST) == set(EXPONENTS)
