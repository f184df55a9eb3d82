"""Money on its way back: exactly once, with our fee's exact part, whatever breaks in between."""

import itertools
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from billing import gateway
from billing.connections.models import PaymentMethod
from billing.metering.models import Rating, UsageEvent, UsageKind
from billing.payments.models import Payment
from billing.payments.queries import paid_minor, refundable
from billing.payments.services import record_at_pickup, refresh_payment
from billing.refunds import jobs
from billing.refunds.errors import NothingToRefund, RefundTooLarge
from billing.refunds.models import Refund, RefundState
from billing.refunds.queries import get_refund, refunds_of
from billing.refunds.services import request_refund
from billing.sandbox import Sandbox
from kernel import clock
from kernel.db import db, new_id
from kernel.money import Money
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.factories.billing import make_connection, make_own_keys, make_payment, pay
from tests.hooks import hear_and_work
from tests.jobs import run_due_jobs

ANA = new_id()


def paid(app: Flask, tenant: Tenant, sandbox: Sandbox, amount: int = 1000) -> Payment:
    """A payment that has arrived and is known to have."""
    payment = pay(tenant, sandbox, amount)
    with acting_for(tenant.id):
        refresh_payment(payment_id=payment.id)
    run_due_jobs(app)
    return payment


def ask(tenant: Tenant, payable_id: UUID, minor: int) -> Refund:
    with acting_for(tenant.id):
        return request_refund(
            payable_id=payable_id, amount=Money(minor, "EUR"), reason="wilted", requested_by=ANA
        )


def look(tenant: Tenant, refund: Refund) -> Refund:
    with acting_for(tenant.id):
        return get_refund(refund.id)


def totals(sandbox: Sandbox) -> dict[str, int]:
    (account,) = sandbox.record()["totals"].values()
    found: dict[str, int] = account["eur"]
    return found


def fees(tenant: Tenant) -> int:
    with acting_for(tenant.id):
        return sum(db.session.scalars(select(Rating.fee_minor)))


def test_a_part_goes_back_with_its_part_of_the_fee(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1250)  # fee 31

    refund = ask(greenfield, payment.payable_id, 500)
    run_due_jobs(app)

    done = look(greenfield, refund)
    assert (done.state, done.fee_minor, done.fee_returned_minor) == (RefundState.SUCCEEDED, 12, 12)
    assert done.requested_by == ANA
    assert totals(sandbox) == {
        "captured": 1250, "refunded": 500, "refunds_failed": 0, "fees": 31, "fees_returned": 12,
        "net": 1250 - 500 - 31 + 12,
    }  # fmt: skip
    assert fees(greenfield) == 19
    with acting_for(greenfield.id):
        assert paid_minor(payment.payable_id) == 750
        assert refundable(payment.payable_id) == Money(750, "EUR")


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(amount=st.integers(50, 99_999), cuts=st.lists(st.integers(1, 99_998), max_size=3))
def test_parts_that_make_up_the_whole_return_exactly_the_fee(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, amount: int, cuts: list[int]
) -> None:
    sandbox.reset()
    with acting_for(greenfield.id):
        from billing.connections.queries import find_connection

        known = find_connection()
    if known is None:
        make_connection(greenfield, sandbox)
    else:
        remake_account(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, amount)
    before = fees(greenfield)
    edges = sorted({cut for cut in cuts if cut < amount} | {0, amount})
    for low, high in itertools.pairwise(edges):
        ask(greenfield, payment.payable_id, high - low)
    run_due_jobs(app)

    found = totals(sandbox)
    assert found["captured"] == found["refunded"] == amount
    assert found["fees"] == found["fees_returned"] == before
    assert fees(greenfield) == 0


def remake_account(tenant: Tenant, sandbox: Sandbox) -> None:
    """The sandbox has forgotten everything; the shop gets an account there again."""
    from billing.connections.models import ProviderAccount
    from billing.connections.queries import find_connection
    from kernel.db import transaction

    account = gateway.create_account(
        account=gateway.NewAccount(name=tenant.slug, email="ana@greenfield.test", country="DE"),
        idempotency_key=f"account-{new_id()}",
    )
    sandbox.change_account(account.id, "finish")
    with acting_for(tenant.id), transaction():
        known = find_connection(lock=True)
        assert known is not None
        known.account_ref = account.id
        row = db.session.scalars(select(ProviderAccount)).one()
        row.account_ref = account.id


def test_more_than_is_left_is_refused_also_while_a_refund_is_on_its_way(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    ask(greenfield, payment.payable_id, 700)
    for minor in (301, 1000, 0, -5):
        with pytest.raises(RefundTooLarge) as refused:
            ask(greenfield, payment.payable_id, minor)
    assert refused.value.facts == {"left": "3.00 EUR"}
    ask(greenfield, payment.payable_id, 300)
    with pytest.raises(NothingToRefund):
        ask(greenfield, payment.payable_id, 1)
    run_due_jobs(app)
    assert totals(sandbox)["refunded"] == 1000


@pytest.mark.parametrize("fault", ["cut_after", "fail_after", "cut_before", "fail_before"])
@pytest.mark.parametrize("call", ["POST /v1/refunds", "POST /v1/application_fees"])
def test_a_lost_answer_gives_back_once(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, fault: str, call: str
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    refund = ask(greenfield, payment.payable_id, 400)
    sandbox.switch(**{fault: 4}, only=call)  # more often than the SDK repeats by itself
    for _ in range(9):
        try:
            run_jobs_that_are_left(app, greenfield)
        except gateway.GatewayUnavailable:
            continue
        break

    assert look(greenfield, refund).state is RefundState.SUCCEEDED
    found = totals(sandbox)
    assert (found["refunded"], found["fees_returned"]) == (400, 10)
    assert fees(greenfield) == 15


def run_jobs_that_are_left(app: Flask, tenant: Tenant) -> None:
    """As if each failed job's waiting time were over."""
    from kernel.jobs import DueJob, Job

    with acting_for(tenant.id):
        for row in db.session.scalars(select(Job)):
            row.lease_until = None
        for due in db.session.scalars(select(DueJob)):
            due.due_at = clock.now()
        db.session.commit()
    run_due_jobs(app)


def test_after_a_day_it_is_looked_up_not_repeated(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    refund = ask(greenfield, payment.payable_id, 400)
    sandbox.switch(cut_after=3, only="POST /v1/refunds")
    with pytest.raises(gateway.GatewayUnavailable):
        run_due_jobs(app)
    posts = [one for one in sandbox.calls if one.label.startswith("POST /v1/refunds")]

    later = clock.now() + timedelta(hours=24, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    sandbox.world.ahead += 24 * 3600 + 60
    run_jobs_that_are_left(app, greenfield)
    sandbox.world.ahead = 0

    assert look(greenfield, refund).state is RefundState.SUCCEEDED
    again = [one for one in sandbox.calls if one.label.startswith("POST /v1/refunds")]
    assert len(again) == len(posts)
    assert totals(sandbox)["refunded"] == 400


def test_a_refund_stripe_will_not_make_leaves_the_money_refundable(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    sandbox.switch(refund_next="insufficient")
    refund = ask(greenfield, payment.payable_id, 1000)
    run_due_jobs(app)

    failed = look(greenfield, refund)
    assert (failed.state, failed.failure) == (RefundState.FAILED, "balance_insufficient")
    assert totals(sandbox)["refunded"] == 0
    assert fees(greenfield) == 25
    with acting_for(greenfield.id):
        assert refundable(payment.payable_id) == Money(1000, "EUR")
    ask(greenfield, payment.payable_id, 1000)
    run_due_jobs(app)
    assert totals(sandbox)["refunded"] == 1000


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
    from billing.sandbox.resources import refunds as at_stripe

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


def test_money_taken_by_hand_is_handed_back_at_once(app: Flask, greenfield: Tenant) -> None:
    asked = make_payment(greenfield, 1000, method=PaymentMethod.AT_PICKUP)
    with acting_for(greenfield.id):
        record_at_pickup(payable_id=asked.payable_id, taken_by=ANA)
    refund = ask(greenfield, asked.payable_id, 400)
    assert refund.state is RefundState.SUCCEEDED
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
        from kernel.db import transaction

        with transaction():
            jobs.meter_refund(refund_id=refund.id)
        kinds = [one.kind for one in db.session.scalars(select(UsageEvent).order_by(UsageEvent.id))]
    assert kinds == [UsageKind.SALE, UsageKind.REFUND]
    run_due_jobs(app)
    assert fees(greenfield) == 15


def test_hillside_gives_nothing_of_greenfields_back(
    app: Flask, greenfield: Tenant, hillside: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    with pytest.raises(NothingToRefund):
        ask(hillside, payment.payable_id, 1)
    assert totals(sandbox)["refunded"] == 0
