"""However the news comes, it ends in the same state: what Stripe says when it is asked."""

import itertools
import random
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from billing import gateway
from billing.metering.models import Rating, UsageEvent
from billing.payments.models import Payment, PaymentState
from billing.payments.queries import get_payment, paid_minor
from billing.refunds.services import request_refund
from billing.sandbox import Sandbox, cards
from billing.sandbox.webhooks import Webhook
from billing.webhooks.models import ProviderEvent, ProviderEventState
from kernel.db import db, transaction
from kernel.money import Money
from kernel.outbox import announce
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.database import empty
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
