"""What follows from a refund: in the metering, in what is left, and when it fails after all."""

from flask import Flask
from sqlalchemy import select

from billing import gateway
from billing.connections.models import PaymentMethod
from billing.metering.models import Rating, UsageEvent, UsageKind
from billing.payments.models import Payment
from billing.payments.queries import refundable
from billing.payments.services import record_at_pickup, refresh_payment
from billing.refunds import jobs
from billing.refunds.models import RefundState
from billing.refunds.queries import refunds_of
from billing.refunds.services import confirm_handed_back
from billing.sandbox import Sandbox
from billing.sandbox.resources import refunds as at_stripe
from kernel.db import db, transaction
from kernel.money import Money
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.billing.refunds.giving_back import ANA, ask, fees, look, paid, totals
from tests.factories.billing import make_connection, make_own_keys, make_payment, pay
from tests.hooks import hear_and_work
from tests.jobs import run_due_jobs


def test_a_pending_refund_is_not_counted_before_it_arrives(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    sandbox.switch(refund_next="pending")
    refund = ask(greenfield, payment.payable_id, 1000)
    hear_and_work(app, sandbox)
    assert look(greenfield, refund).state is RefundState.PENDING
    assert (fees(greenfield), totals(sandbox)["fees_returned"]) == (25, 0)

    sandbox.settle()
    hear_and_work(app, sandbox)
    assert look(greenfield, refund).state is RefundState.SUCCEEDED
    assert (fees(greenfield), totals(sandbox)["fees_returned"]) == (0, 25)


def test_a_refund_that_fails_after_it_succeeded_is_undone_in_the_metering(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    account = make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    refund = ask(greenfield, payment.payable_id, 1000)
    hear_and_work(app, sandbox)
    done = look(greenfield, refund)
    assert done.refund_ref is not None
    with sandbox.world.store.transaction():
        thing = sandbox.world.store.find(account, "refund", done.refund_ref)
        assert thing is not None
        at_stripe.end(sandbox.world, account, thing, status="failed")
    hear_and_work(app, sandbox)

    assert look(greenfield, refund).state is RefundState.FAILED
    assert fees(greenfield) == 25
    with acting_for(greenfield.id):
        assert refundable(payment.payable_id) == Money(1000, "EUR")
        ratings = db.session.scalars(select(Rating)).all()
        assert sum(one.collected_minor for one in ratings) == 0  # 25 is owed again
    ask(greenfield, payment.payable_id, 1000)
    hear_and_work(app, sandbox)
    assert totals(sandbox)["fees_returned"] == 25
    assert fees(greenfield) == 0


def test_money_taken_by_hand_is_back_once_a_person_says_so(app: Flask, greenfield: Tenant) -> None:
    asked = make_payment(greenfield, 1000, method=PaymentMethod.AT_PICKUP)
    with acting_for(greenfield.id):
        record_at_pickup(payable_id=asked.payable_id, taken_by=ANA)
    refund = ask(greenfield, asked.payable_id, 400)
    run_due_jobs(app)
    assert refund.state is RefundState.REQUESTED
    assert fees(greenfield) == 25
    with acting_for(greenfield.id):
        for _ in range(2):
            done = confirm_handed_back(refund_id=refund.id)
    assert done.state is RefundState.SUCCEEDED
    run_due_jobs(app)
    assert fees(greenfield) == 15  # 2.5 % of what stayed


def test_money_that_came_twice_goes_back_from_both(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    other = make_payment_again(greenfield, payment)
    ask(greenfield, payment.payable_id, 1500)
    run_due_jobs(app)
    with acting_for(greenfield.id):
        parts = {one.payment_id: one.amount_minor for one in refunds_of(payment.payable_id)}
    assert sorted(parts.values()) == [500, 1000]
    assert set(parts) == {payment.id, other.id}


def make_payment_again(tenant: Tenant, payment: Payment) -> Payment:
    """The same thing paid once more, by hand, as only a mistake can."""
    with acting_for(tenant.id):
        second = Payment(
            payable_id=payment.payable_id, method=PaymentMethod.AT_PICKUP,
            amount_minor=1000, currency="EUR",
        )  # fmt: skip
        db.session.add(second)
        db.session.commit()
        record_at_pickup(payable_id=payment.payable_id, taken_by=ANA)
    return second


def test_a_refund_made_in_stripes_dashboard_is_ours_as_well(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    account = make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    with acting_for(greenfield.id):
        intent_ref = refresh_payment(payment_id=payment.id).intent_ref
    assert intent_ref is not None
    gateway.create_refund(
        credentials=gateway.connected(account),
        payment_id=intent_ref,
        amount=Money(400, "EUR"),
        metadata={},
        idempotency_key="by-hand",
    )
    hear_and_work(app, sandbox)
    with acting_for(greenfield.id):
        (refund,) = refunds_of(payment.payable_id)
    assert (refund.amount_minor, refund.reason) == (400, "stripe")
    assert totals(sandbox)["fees_returned"] == 10
    assert fees(greenfield) == 15


def test_own_keys_refund_without_a_fee_to_return(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_own_keys(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    assert fees(greenfield) == 25  # in arrears
    ask(greenfield, payment.payable_id, 1000)
    run_due_jobs(app)
    assert fees(greenfield) == 0
    assert totals(sandbox)["fees_returned"] == 0


def test_the_news_of_a_refund_counts_its_sale_first(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = pay(greenfield, sandbox, 1000)
    with acting_for(greenfield.id):
        refresh_payment(payment_id=payment.id)
    refund = ask(greenfield, payment.payable_id, 400)
    with acting_for(greenfield.id):
        jobs.send_refund(refund_id=refund.id)
        with transaction():
            jobs.meter_refund(refund_id=refund.id)
        kinds = [one.kind for one in db.session.scalars(select(UsageEvent).order_by(UsageEvent.id))]
    assert kinds == [UsageKind.SALE, UsageKind.REFUND]
    run_due_jobs(app)
    assert fees(greenfield) == 15
