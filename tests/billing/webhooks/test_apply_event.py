"""However the news comes, it ends in the same state: what Stripe says when it is asked."""

import itertools
import json
import random
import time
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from billing import gateway
from billing.connections.models import ConnectionMode, ProviderAccount
from billing.metering.models import Rating, UsageEvent
from billing.payments.models import Payment, PaymentState
from billing.payments.queries import get_payment, paid_minor
from billing.refunds.services import request_refund
from billing.sandbox import Sandbox, cards
from billing.sandbox.switches import ALWAYS
from billing.sandbox.webhooks import Webhook, signed
from billing.webhooks.models import ProviderEvent, ProviderEventState
from billing.webhooks.services import rerun_event
from kernel import clock
from kernel.db import db, transaction
from kernel.money import Money
from kernel.outbox import announce
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.database import empty
from tests.dying import run_all_jobs
from tests.factories import make_tenant
from tests.factories.billing import make_connection, pay
from tests.hooks import deliver
from tests.jobs import run_due_jobs


def state_of(tenant: Tenant, payment: Payment) -> PaymentState:
    with acting_for(tenant.id):
        return get_payment(payment.id).state


def usage(tenant: Tenant) -> tuple[int, int, int]:
    """Number of events, volume and fees so far."""
    with acting_for(tenant.id):
        events = db.session.scalars(select(UsageEvent)).all()
        ratings = db.session.scalars(select(Rating)).all()
    return (
        len(events),
        sum(one.kind.sign * one.amount_minor for one in events),
        sum(one.fee_minor for one in ratings),
    )


def pull(app: Flask, tenant: Tenant) -> None:
    with acting_for(tenant.id), transaction():
        announce("stripe.pull")
    run_due_jobs(app)


def refund(tenant: Tenant, payable_id: UUID, minor: int) -> None:
    with acting_for(tenant.id):
        request_refund(
            payable_id=payable_id, amount=Money(minor, "EUR"), reason="late", requested_by=None
        )


STORY = 6  # webhooks of a payment and a partial refund made at Stripe


def tell_a_story(tenant: Tenant, sandbox: Sandbox) -> tuple[Payment, list[Webhook]]:
    """Declined, paid, partly refunded in Stripe's dashboard: six webhooks that concern us."""
    account = make_connection(tenant, sandbox)
    payment = pay(tenant, sandbox, 1000, card=cards.DECLINED)
    with acting_for(tenant.id):
        page = get_payment(payment.id)
    assert page.session_ref is not None
    sandbox.pay(page.session_ref)
    intent = sandbox.world.store.find(account, "checkout.session", page.session_ref)
    assert intent is not None
    gateway.create_refund(
        credentials=gateway.connected(account),
        payment_id=intent["payment_intent"],
        amount=Money(400, "EUR"),
        metadata={},
        idempotency_key=f"dashboard-{payment.id}",
    )
    wanted = (
        "payment_intent.payment_failed", "charge.failed", "payment_intent.succeeded",
        "checkout.session.completed", "refund.created", "charge.refunded",
    )  # fmt: skip
    told = {hook.event["type"]: hook for hook in sandbox.take_webhooks()}
    return payment, [told[name] for name in wanted]


def assert_told(tenant: Tenant, payment: Payment, sandbox: Sandbox) -> None:
    assert state_of(tenant, payment) is PaymentState.SUCCEEDED
    with acting_for(tenant.id):
        assert paid_minor(payment.payable_id) == 600
        states = {event.state for event in db.session.scalars(select(ProviderEvent))}
    assert ProviderEventState.REFUSED not in states
    assert usage(tenant) == (2, 600, 15)  # 2.5 % of 10.00, less its exact part of 4.00
    (totals,) = sandbox.record()["totals"].values()
    assert totals["eur"]["fees"] - totals["eur"]["fees_returned"] == 15


def seeds() -> list[tuple[int, ...]]:
    """Every order of the six in which they could matter, thinned by a fixed seed."""
    orders = list(itertools.permutations(range(STORY)))
    return random.Random(7).sample(orders, 24)


@pytest.mark.parametrize("order", seeds(), ids=str)
def test_any_order_of_the_webhooks_ends_in_the_same_state(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, order: tuple[int, ...]
) -> None:
    payment, webhooks = tell_a_story(greenfield, sandbox)
    for number in order:
        deliver(app, [webhooks[number]])
        run_due_jobs(app)
    assert_told(greenfield, payment, sandbox)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_mixture_of_order_duplicates_and_drops_converges_after_the_pull(
    app: Flask, admin: object, sandbox: Sandbox, data: st.DataObject
) -> None:
    empty(admin)  # type: ignore[arg-type]  # the superuser's connection
    sandbox.reset()
    tenant = make_tenant("greenfield")
    payment, webhooks = tell_a_story(tenant, sandbox)
    told = data.draw(st.lists(st.integers(0, STORY - 1), max_size=2 * STORY))
    together = data.draw(st.booleans())
    for number in told:
        deliver(app, [webhooks[number]])
        if not together:
            run_due_jobs(app)
    pull(app, tenant)
    assert_told(tenant, payment, sandbox)
    pull(app, tenant)
    assert_told(tenant, payment, sandbox)


def test_what_is_listed_a_little_late_is_still_pulled(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_connection(greenfield, sandbox)
    with monkeypatch.context() as ahead:
        soon = clock.now() + timedelta(minutes=8)
        ahead.setattr(clock, "now", lambda: soon)
        pull(app, greenfield)
    payment = pay(greenfield, sandbox)
    sandbox.take_webhooks()
    pull(app, greenfield)
    assert state_of(greenfield, payment) is PaymentState.SUCCEEDED


def test_an_event_of_one_account_says_nothing_of_a_payment_on_another(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = pay(greenfield, sandbox)
    (webhook,) = [
        one for one in sandbox.take_webhooks() if one.event["type"] == "payment_intent.succeeded"
    ]
    other = "acct_greenfields_second"
    with acting_for(greenfield.id), transaction() as session:
        session.add(
            ProviderAccount(tenant_id=greenfield.id, mode=ConnectionMode.CONNECT, account_ref=other)
        )
    body = json.dumps({**webhook.event, "account": other}).encode()
    deliver(app, [signed(body, "whsec_sandbox_connect", timestamp=int(time.time()))])
    run_due_jobs(app)
    assert state_of(greenfield, payment) is PaymentState.OPEN
    with acting_for(greenfield.id):
        (event,) = db.session.scalars(select(ProviderEvent))
    assert event.state is ProviderEventState.IGNORED


def test_an_event_can_be_worked_again_and_changes_nothing_twice(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    payment, webhooks = tell_a_story(greenfield, sandbox)
    deliver(app, webhooks)
    run_due_jobs(app)
    with acting_for(greenfield.id):
        events = list(db.session.scalars(select(ProviderEvent.id)))
        for event_id in events:
            rerun_event(event_id=event_id)
    run_due_jobs(app)
    assert_told(greenfield, payment, sandbox)


def test_when_stripe_is_away_the_event_waits(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    payment, webhooks = tell_a_story(greenfield, sandbox)
    deliver(app, webhooks)
    sandbox.switch(fail_before=ALWAYS, only="GET /v1")
    with pytest.raises(gateway.GatewayUnavailable):
        run_due_jobs(app)
    assert state_of(greenfield, payment) is PaymentState.OPEN
    sandbox.switch(fail_before=0)
    run_all_jobs(app, greenfield)
    assert_told(greenfield, payment, sandbox)
