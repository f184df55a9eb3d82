"""A payer's bank claims a payment back: it is known in time, and nothing is paid twice."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from billing.connections.jobs import renew_own_endpoint
from billing.connections.rules import EVENT_TYPES
from billing.disputes.errors import ChargeDisputed
from billing.disputes.models import Dispute
from billing.disputes.queries import disputes_of, list_open_disputes, open_disputes
from billing.disputes.rules import Standing, moves_forward, standing_of, stops_refunds
from billing.payments.models import Payment
from billing.payments.queries import get_payment, refundable
from billing.refunds.models import RefundState
from billing.refunds.queries import refunds_of
from billing.sandbox import Sandbox, cards
from billing.webhooks.models import ProviderEvent, ProviderEventState
from kernel import clock
from kernel.db import db, transaction
from kernel.outbox import announce
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.billing.refunds.giving_back import ask, look, paid, totals
from tests.factories.billing import make_connection, make_own_keys, pay
from tests.hooks import hear_and_work
from tests.jobs import run_due_jobs


def charge_of(tenant: Tenant, payment: Payment) -> str:
    with acting_for(tenant.id):
        found = get_payment(payment.id).charge_ref
    assert found is not None
    return found


def known(tenant: Tenant, payment: Payment) -> Dispute:
    with acting_for(tenant.id):
        (found,) = disputes_of(payment.payable_id)
        return found


def left(tenant: Tenant, payment: Payment) -> int:
    with acting_for(tenant.id):
        return refundable(payment.payable_id).minor


def test_a_dispute_is_kept_with_its_reason_and_its_deadline(
    app: Flask, greenfield: Tenant, hillside: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 640)
    sandbox.dispute(charge_of(greenfield, payment), reason="product_not_received")
    hear_and_work(app, sandbox)

    found = known(greenfield, payment)
    assert (found.amount_minor, found.currency) == (640, "EUR")
    assert (found.status, found.reason) == ("needs_response", "product_not_received")
    assert found.answer_by is not None
    assert timedelta(days=6) < found.answer_by - clock.now() < timedelta(days=8)
    with acting_for(greenfield.id):
        assert [one.id for one in open_disputes(payment.payable_id)] == [found.id]
        assert [one.id for one in list_open_disputes()] == [found.id]
        states = set(db.session.scalars(select(ProviderEvent.state)))
    assert ProviderEventState.REFUSED not in states
    with acting_for(hillside.id):
        assert list_open_disputes() == []


@pytest.mark.parametrize("status", ["needs_response", "under_review", "lost"])
def test_what_a_bank_claims_is_not_given_back_besides(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, status: str
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 640)
    dispute = sandbox.dispute(charge_of(greenfield, payment))
    sandbox.move_dispute(dispute, status)
    hear_and_work(app, sandbox)
    with pytest.raises(ChargeDisputed):
        ask(greenfield, payment.payable_id, 1)
    assert left(greenfield, payment) == 0
    with acting_for(greenfield.id):
        assert refunds_of(payment.payable_id) == []
    assert totals(sandbox)["refunded"] == 0


def test_a_refund_that_waits_is_stopped_when_the_bank_claims_the_payment(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 640)
    sandbox.take_webhooks()
    refund = ask(greenfield, payment.payable_id, 640)
    sandbox.dispute(charge_of(greenfield, payment))
    with acting_for(greenfield.id), transaction():
        get_payment(payment.id, lock=True).disputed_at = clock.now()
    run_due_jobs(app)
    ours = look(greenfield, refund)
    assert (ours.state, ours.failure) == (RefundState.FAILED, "charge_disputed")
    sent = [one for one in sandbox.calls if one.label == "POST /v1/refunds"]
    asked_rights = [one for one in sent if str(one.idempotency_key).startswith("right-")]
    assert sent == asked_rights, "what a key may do is tried without doing anything"


def test_stripe_s_own_word_stops_it_when_the_news_of_the_dispute_is_still_on_its_way(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 640)
    refund = ask(greenfield, payment.payable_id, 640)
    sandbox.dispute(charge_of(greenfield, payment))
    run_due_jobs(app)
    ours = look(greenfield, refund)
    assert (ours.state, ours.failure) == (RefundState.FAILED, "charge_disputed")
    assert totals(sandbox)["refunded"] == 0
    hear_and_work(app, sandbox)
    assert left(greenfield, payment) == 0


def test_a_won_dispute_leaves_the_money_to_the_shop_which_may_give_it_back(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 640)
    dispute = sandbox.dispute(charge_of(greenfield, payment))
    hear_and_work(app, sandbox)
    sandbox.move_dispute(dispute, "won")
    hear_and_work(app, sandbox)
    assert known(greenfield, payment).standing is Standing.WON
    assert left(greenfield, payment) == 640
    ask(greenfield, payment.payable_id, 640)
    run_due_jobs(app)
    assert totals(sandbox)["refunded"] == 640


def test_a_bank_that_only_asks_takes_nothing_and_stops_nothing(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 640)
    dispute = sandbox.dispute(charge_of(greenfield, payment), status="warning_needs_response")
    hear_and_work(app, sandbox)
    assert known(greenfield, payment).is_inquiry
    assert left(greenfield, payment) == 640
    sandbox.move_dispute(dispute, "needs_response")
    hear_and_work(app, sandbox)
    assert left(greenfield, payment) == 0


@pytest.mark.parametrize("drop", [False, True])
def test_a_disputed_test_card_is_known_before_its_payment_was(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, drop: bool
) -> None:
    make_connection(greenfield, sandbox)
    payment = pay(greenfield, sandbox, 640, card=cards.DISPUTED)
    if drop:  # the hourly pull finds what was never delivered
        sandbox.take_webhooks()
        with acting_for(greenfield.id), transaction():
            announce("stripe.pull")
        run_due_jobs(app)
    else:
        sandbox.switch(reorder_webhooks=True)
        hear_and_work(app, sandbox)
    assert known(greenfield, payment).reason == "fraudulent"
    assert left(greenfield, payment) == 0


def test_a_dispute_whose_end_was_never_told_is_looked_at_every_hour(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 640)
    dispute = sandbox.dispute(charge_of(greenfield, payment))
    hear_and_work(app, sandbox)
    sandbox.move_dispute(dispute, "lost")
    sandbox.take_webhooks()
    with acting_for(greenfield.id), transaction():
        announce("money.sweep")
    run_due_jobs(app)
    assert known(greenfield, payment).standing is Standing.LOST


def test_the_list_of_types_that_stripe_is_asked_for_is_not_too_long() -> None:
    assert len(EVENT_TYPES) <= 20
    assert {name for name in EVENT_TYPES if name.startswith("charge.dispute.")} >= {
        "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
        "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
    }  # fmt: skip


def test_an_endpoint_that_is_older_than_disputes_is_told_of_them_from_now_on(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_own_keys(greenfield, sandbox)
    ((account, endpoint),) = sandbox.world.store.list_everywhere("webhook_endpoint")
    old = {**endpoint, "enabled_events": ["payment_intent.succeeded"]}
    sandbox.world.store.save(account, "webhook_endpoint", old)
    with acting_for(greenfield.id):
        renew_own_endpoint()
        calls = len(sandbox.calls)
        renew_own_endpoint()  # and once is enough
    assert len(sandbox.calls) == calls
    renewed = sandbox.world.store.find(account, "webhook_endpoint", endpoint["id"])
    assert renewed is not None
    assert renewed["enabled_events"] == list(EVENT_TYPES)


def test_old_news_does_not_open_a_dispute_again() -> None:
    assert not moves_forward("lost", "needs_response")
    assert not moves_forward("won", "under_review")
    assert moves_forward("lost", "appeal_needs_response")
    assert moves_forward("warning_needs_response", "needs_response")


def test_a_word_that_we_do_not_know_counts_as_open_and_stops_refunds() -> None:
    assert standing_of("a word of next year") is Standing.UNKNOWN
    assert stops_refunds("a word of next year", refundable=False)


def test_a_dispute_about_a_payment_of_nobody_here_is_ignored(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    account = make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 640)
    charge = sandbox.world.store.find(account, "charge", charge_of(greenfield, payment))
    assert charge is not None
    other = {**charge, "id": "ch_elsewhere", "payment_intent": None}
    sandbox.world.store.add(account, "charge", other)
    sandbox.take_webhooks()
    sandbox.dispute("ch_elsewhere")
    hear_and_work(app, sandbox)
    with acting_for(greenfield.id):
        assert disputes_of(payment.payable_id) == []
        states = set(db.session.scalars(select(ProviderEvent.state)))
    assert states == {ProviderEventState.IGNORED}
