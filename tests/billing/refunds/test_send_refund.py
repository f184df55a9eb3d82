"""Money on its way back: exactly once, with our fee's exact part, whatever breaks in between."""

import itertools
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from billing import gateway
from billing.connections.models import ProviderAccount
from billing.connections.queries import find_connection
from billing.payments.queries import paid_minor, refundable
from billing.refunds.errors import NothingToRefund, RefundTooLarge
from billing.refunds.models import RefundState
from billing.sandbox import Sandbox
from kernel import clock
from kernel.db import db, new_id, transaction
from kernel.money import Money
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.billing.refunds.giving_back import ANA, ask, fees, look, paid, totals
from tests.dying import run_all_jobs
from tests.factories.billing import make_connection
from tests.jobs import run_due_jobs


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
            run_all_jobs(app, greenfield)
        except gateway.GatewayUnavailable:
            continue
        break

    assert look(greenfield, refund).state is RefundState.SUCCEEDED
    found = totals(sandbox)
    assert (found["refunded"], found["fees_returned"]) == (400, 10)
    assert fees(greenfield) == 15


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
    run_all_jobs(app, greenfield)
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


def test_hillside_gives_nothing_of_greenfields_back(
    app: Flask, greenfield: Tenant, hillside: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    with pytest.raises(NothingToRefund):
        ask(hillside, payment.payable_id, 1)
    assert totals(sandbox)["refunded"] == 0
