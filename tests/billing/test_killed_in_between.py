"""The process dies before any one of its commits; afterwards the money is where it belongs."""

from itertools import count

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from billing.metering.models import Rating, UsageEvent
from billing.payments.models import Payment, PaymentState
from billing.payments.queries import get_payment, paid_minor
from billing.payments.services import abandon_payment, refresh_payment
from billing.refunds.models import RefundState
from billing.refunds.queries import refunds_of
from billing.refunds.services import request_refund
from billing.sandbox import Sandbox
from kernel.db import db
from kernel.money import Money
from kernel.outbox import Announcement
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.database import empty
from tests.dying import dying, insist, make_all_due, run_all_jobs
from tests.factories import make_tenant
from tests.factories.billing import make_connection, make_payment, open_page, pay
from tests.hooks import deliver
from tests.jobs import run_due_jobs


def hear(app: Flask, tenant: Tenant, sandbox: Sandbox) -> None:
    """Stripe says what happened until it is heard, and our jobs follow."""
    for webhook in sandbox.take_webhooks():
        insist(lambda one=webhook: deliver(app, [one]), tenant)  # type: ignore[misc]  # bound now
    insist(lambda: run_due_jobs(app), tenant)


def refund_once(tenant: Tenant, payment: Payment) -> None:
    """As the shop does: a repeated click looks first."""
    with acting_for(tenant.id):
        if not refunds_of(payment.payable_id):
            request_refund(
                payable_id=payment.payable_id, amount=Money(400, "EUR"), reason="",
                requested_by=None,
            )  # fmt: skip


STRIDE = 6  # every commit is struck by one of the six; an ordinary run takes the first


@pytest.mark.parametrize(
    "first", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, STRIDE + 1))]
)
def test_a_sale_and_its_refund_survive_a_death_before_any_commit(
    app: Flask, admin: psycopg.Connection, sandbox: Sandbox, first: int
) -> None:
    for at in count(first, STRIDE):
        empty(admin)
        sandbox.reset()
        tenant = make_tenant("greenfield")
        make_connection(tenant, sandbox)
        payment = pay(tenant, sandbox, 1000)
        with dying(at) as death:
            hear(app, tenant, sandbox)
            insist(lambda: refund_once(tenant, payment), tenant)  # noqa: B023 - used at once
            insist(lambda: run_due_jobs(app), tenant)
            hear(app, tenant, sandbox)
        run_all_jobs(app, tenant)

        with acting_for(tenant.id):
            assert get_payment(payment.id).state is PaymentState.SUCCEEDED, at
            assert [one.state for one in refunds_of(payment.payable_id)] == [RefundState.SUCCEEDED]
            assert paid_minor(payment.payable_id) == 600
            events = db.session.scalars(select(UsageEvent)).all()
            fees = [one.fee_minor for one in db.session.scalars(select(Rating))]
            topics = list(db.session.scalars(select(Announcement.topic)))
        assert sorted(one.amount_minor for one in events) == [400, 1000], at
        assert sorted(fees) == [-10, 25], at
        assert topics.count("payment.succeeded") == topics.count("refund.succeeded") == 1, at
        (totals,) = sandbox.record()["totals"].values()
        assert totals["eur"] == {
            "captured": 1000, "refunded": 400, "refunds_failed": 0, "fees": 25,
            "fees_returned": 10, "net": 1000 - 400 - 25 + 10,
        }, at  # fmt: skip
        if not death.came:
            assert at > 10
            return


@pytest.mark.parametrize("paid_first", [False, True])
def test_opening_and_giving_up_a_page_survive_a_death_before_any_commit(
    app: Flask, admin: psycopg.Connection, sandbox: Sandbox, *, paid_first: bool
) -> None:
    for at in count(1):
        empty(admin)
        sandbox.reset()
        tenant = make_tenant("greenfield")
        make_connection(tenant, sandbox)
        payment = make_payment(tenant, 1000)
        with dying(at) as death:
            insist(lambda: open_page(tenant, payment), tenant)  # noqa: B023 - used at once
            if paid_first:
                ((_, session),) = sandbox.world.store.list_everywhere("checkout.session")
                sandbox.pay(session["id"])
            insist(lambda: give_up(tenant, payment), tenant)  # noqa: B023 - used at once
            insist(lambda: run_due_jobs(app), tenant)
        run_all_jobs(app, tenant)

        sessions = sandbox.world.store.list_everywhere("checkout.session")
        assert len(sessions) == 1, at
        with acting_for(tenant.id):
            state = refresh_payment(payment_id=payment.id).state
        if paid_first:
            assert state is PaymentState.SUCCEEDED, at
        else:
            assert (state, sessions[0][1]["status"]) == (PaymentState.EXPIRED, "expired"), at
        if not death.came:
            assert at > 4
            return


def give_up(tenant: Tenant, payment: Payment) -> None:
    with acting_for(tenant.id):
        abandon_payment(payable_id=payment.payable_id)
    make_all_due(tenant)
